// What the pages can do besides: show changes as they happen, copy, and say times in the viewer's own zone.
// Every page works without this file.

'use strict'

/** Exchanges the parts of the page that are marked with `data-live`. */
async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!answer.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const part of document.querySelectorAll('[data-live]')) {
    const successor = fresh.getElementById(part.id)
    // What a person is using stays as it is.
    if (!successor || part.contains(document.activeElement) || holdsSelection(part)) continue
    const open = new Set([...part.querySelectorAll('details')].flatMap((one, at) => (one.open ? [at] : [])))
    const before = part.innerHTML
    part.replaceChildren(...successor.childNodes)
    part.querySelectorAll('details').forEach((one, at) => { one.open = open.has(at) })
    if (before !== part.innerHTML) prepare(part)
  }
}

function holdsSelection(part) {
  const selection = getSelection()
  return selection && !selection.isCollapsed && part.contains(selection.anchorNode)
}

/** Adds to a part what needs this script. */
function prepare(part) {
  for (const time of part.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime)
    if (!Number.isNaN(at.getTime())) time.title = `${at.toLocaleString()} in your time zone, ${time.dateTime}`
  }
  for (const button of part.querySelectorAll('[data-copy-from], [data-example]')) button.hidden = false
}

/** Copies a text, and says on the button whether it worked. */
async function copy(text, button) {
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Select the text and copy it'
  }
  setTimeout(() => { button.textContent = label }, 2000)
}

function watchButtons() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button')
    if (!button) return
    const { copyFrom, example } = button.dataset
    if (copyFrom) copy(document.getElementById(copyFrom).textContent, button)
    if (example) {
      const message = document.querySelector('[data-examples]')
      message.value = document.getElementById(example).textContent
      message.focus()
    }
  })
}

/** Listens for changes, and lets the viewer stop that. */
function watchChanges(button) {
  let source = null
  let isBusy = false
  let isPending = false

  async function changed() {
    isPending = true
    if (isBusy) return
    isBusy = true
    try {
      while (isPending) {
        isPending = false
        await refresh()
      }
    } catch {
      // The server is away: the stream opens again by itself, and then the page is read again.
      isPending = false
    } finally {
      isBusy = false
    }
  }

  function say(state) {
    button.textContent = `Live updates: ${state}`
    button.setAttribute('aria-pressed', String(source !== null))
  }

  function start() {
    let wasOpen = false
    source = new EventSource('/live')
    source.addEventListener('change', changed)
    source.addEventListener('open', () => {
      say('on')
      // Something may have happened while the stream was closed.
      if (wasOpen) changed()
      wasOpen = true
    })
    source.addEventListener('error', () => say(source && source.readyState === EventSource.CLOSED ? 'not available' : 'connecting'))
    say('connecting')
  }

  function stop() {
    if (source) source.close()
    source = null
    say('off')
  }

  button.hidden = false
  button.addEventListener('click', () => (source ? stop() : start()))
  // A page that nobody sees asks for nothing.
  let wasHidden = false
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      wasHidden = source !== null
      if (wasHidden) stop()
    } else if (wasHidden) {
      wasHidden = false
      start()
      changed()
    }
  })
  addEventListener('pagehide', () => source && source.close())
  start()
}

prepare(document)
watchButtons()
if (document.querySelector('[data-live]')) watchChanges(document.getElementById('live'))
