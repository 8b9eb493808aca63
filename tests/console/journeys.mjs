// What a person does on the pages, one journey after the other.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { api, eventually, misbehave, order, sendEachFate, start, track } from './endpoint.mjs'

const PAGES = ['/', '/?range=14d', '/first-steps', '/events', '/tester', '/dead-letters', '/match-quality', '/settings', '/nowhere']
const SEEN = [
  { scheme: 'light', width: 360 },
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 360 },
  { scheme: 'dark', width: 1280 },
]

/** Nothing is wider than the window, and axe has nothing to say. */
async function isSound(page, axe, where) {
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(tooWide <= 0, `${where}: ${tooWide} px too wide`)
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(', ')}`)
  })
  assert.deepEqual(violations, [], where)
}

/** Every page, light and dark, narrow and wide: no error in the console, nothing against the policy, no violation of axe. */
export async function pagesAreSound({ endpoint, open, picture, axe }) {
  const [letter] = (await api(endpoint, 'dead-letters')).letters
  const found = await api(endpoint, 'events?id=m-delivered')
  const pages = [
    ...PAGES,
    `/dead-letters/${letter.id}`,
    `/dead-letters/confirm?action=purge&id=${letter.id}`,
    ...found.events.map((event) => `/events/${event.key}?id=m-delivered`),
  ]
  for (const path of pages) {
    for (const { scheme, width } of SEEN) {
      const page = await open(path, { scheme, width })
      const where = `${path}, ${scheme}, ${width} px`
      await isSound(page, axe, where)
      await picture(page, where)
      const said = page.said.filter((text) => !(path === '/nowhere' && text.includes('404')))
      assert.deepEqual(said, [], where)
      await page.close()
    }
  }
}

/** The search finds an event of each fate, by each kind of id, and says what an unknown id means. */
export async function searchFindsEachFate({ endpoint, open }) {
  const has = (text, word) => assert.ok(text.includes(word), `${word} is missing in: ${text.slice(0, 400)}`)
  for (const [id, word] of [
    ['m-delivered', 'delivered'],
    ['order-of-m-delivered', 'delivered'],
    ['m-rejected', 'rejected'],
    ['m-dead', 'dead letter'],
    ['m-held', 'held'],
  ]) {
    const page = await open('/')
    await page.type('input[name=id]', id)
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
    has(await page.$eval('main', (main) => main.innerText), word)
    await Promise.all([page.waitForNavigation(), page.click('tbody a')])
    has(await page.$eval('main', (main) => main.innerText), 'What happened')
    await page.close()
  }
  const page = await open('/events?id=never-sent')
  has(await page.$eval('main', (main) => main.innerText), 'Nothing is known of this id')
  await page.close()
  assert.ok((await api(endpoint, 'events?id=m-rejected')).events.every((event) => event.outcome === 'rejected'))
}

/** Every link, field and button is reached with the Tab key alone, and shows that it is. */
export async function keyboardReachesEverything({ open }) {
  for (const path of ['/', '/events', '/dead-letters', '/tester']) {
    const page = await open(path)
    const expected = await page.evaluate(() => {
      const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
      const seen = all.filter((one) => one.checkVisibility({ visibilityProperty: true }))
      seen.forEach((one, at) => { one.dataset.stop = at })
      return seen.length
    })
    const reached = new Set()
    for (let step = 0; step < expected + 5; step += 1) {
      await page.keyboard.press('Tab')
      const { stop, isOutlined } = await page.evaluate(() => {
        const one = document.activeElement
        const { outlineStyle, outlineWidth } = getComputedStyle(one)
        return { stop: one.dataset.stop, isOutlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 }
      })
      if (stop === undefined) continue
      reached.add(stop)
      assert.ok(isOutlined, `${path}: stop ${stop} does not show that it has the focus`)
    }
    assert.equal(reached.size, expected, path)
    await page.close()
  }
}

/** An event appears on an open page within two seconds, and not while the viewer has stopped that. */
export async function pagesChangeWhileOpen({ endpoint, open }) {
  const page = await open('/')
  await page.waitForFunction(() => document.querySelector('#live').textContent.endsWith('on'))
  const accepted = () => page.$eval('.figures dd', (figure) => Number(figure.textContent.replaceAll(',', '')))
  const before = await accepted()
  const sent = Date.now()
  await track(endpoint, order(`m-live-${sent}`))
  await eventually('the page shows it', async () => (await accepted()) > before, 10_000)
  const took = Date.now() - sent
  await page.click('#live')
  assert.match(await page.$eval('#live', (button) => button.textContent), /off$/)
  await page.close()
  return `shown after ${took} ms`
}

/** Without JavaScript the same pages do the same. */
export async function pagesWorkWithoutScript({ open }) {
  const page = await open('/', { script: false })
  await page.type('input[name=id]', 'm-delivered')
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
  assert.match(await page.$eval('main', (main) => main.innerText), /delivered/)
  await page.goto(new URL('/tester', page.url()).href)
  await Promise.all([page.waitForNavigation(), page.click('form.tester button[type=submit]')])
  assert.match(await page.$eval('main', (main) => main.innerText), /An event can be made of it/)
  assert.equal(await page.$eval('#live', (button) => button.checkVisibility()), false)
  await page.close()
}

/** A dead letter is sent again with three clicks, and reaches the sandbox; its life goes on. */
export async function replayReachesTheSandbox({ endpoint, open, picture }) {
  await misbehave(endpoint, {})
  const page = await open('/dead-letters')
  const follow = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)])
  await follow('table.stacked:last-of-type tbody a[href^="/dead-letters/"]:not([href*="?"])')
  await follow('a.button[href*="action=replay"]')
  await follow('form[action="/dead-letters/replay"] button')
  assert.match(await page.$eval('h1', (title) => title.textContent), /1 dead letter is sent again/)
  await page.close()
  await eventually('the sandbox has it', async () => {
    const ids = await fetch(`${endpoint.sandbox}/event-ids`).then((answer) => answer.text(), () => '')
    return ids.includes('m-dead')
    // The destination was held, and is probed at intervals.
  }, 240_000)
  const [event] = await eventually('it is delivered', async () => {
    const { events } = await api(endpoint, 'events?id=m-dead')
    return events.some((one) => one.outcome === 'delivered') && events
  })
  for (const seen of SEEN) {
    const page = await open(`/events/${event.key}?id=m-dead`, seen)
    const steps = await page.$$eval('.steps h3', (titles) => titles.map((title) => title.textContent.split(' ')[0]))
    assert.deepEqual(steps.slice(-3), ['End', 'Replayed', 'End'], `${steps}`)
    await picture(page, `replayed ${seen.scheme} ${seen.width}`)
    await page.close()
  }
}

/** A page of another site cannot send a form to the console. */
export async function otherSitesChangeNothing({ endpoint, open, elsewhere }) {
  const { token } = await api(endpoint, 'about')
  const form = `<form method="post" action="${endpoint.console}/dead-letters/purge"><input name="token" value="${token}"></form>`
  const page = await open(await elsewhere(form), { allow: ['403'] })
  const [answer] = await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0].submit())])
  assert.equal(answer.status(), 403)
  await page.close()
}

/** A wrong password is refused; the right one opens the pages. */
export async function passwordIsAsked({ segue, folder, writeFile, browserPage }) {
  const settings = `${folder}/segue.toml`
  await writeFile(settings, '[console]\npassword = { env = "CONSOLE_PASSWORD" }\n')
  const endpoint = await start(segue, ['--settings', settings], { CONSOLE_PASSWORD: 'a-long-password' })
  try {
    for (const [password, status] of [['not-this-one!', 401], ['a-long-password', 200]]) {
      const page = await browserPage()
      await page.authenticate({ username: 'ops', password })
      const answer = await page.goto(endpoint.console)
      assert.equal(answer.status(), status)
      await page.close()
    }
  } finally {
    await endpoint.stop()
  }
}

/** The charts of a fortnight with an outage and a broken form: each range has its points. */
export async function fortnightIsShown({ segue, fortnight, open, picture, axe }) {
  const endpoint = await start(segue, [], {}, (data) => execFileSync(fortnight, [data]))
  try {
    const { events } = await api(endpoint, 'match-quality?window=7d')
    const em = events.find((event) => event.event_name === 'Purchase').keys.find((key) => key.key === 'em')
    assert.ok(em.remembered > 0 && em.remembered < em.events)
    const pages = [['/?range=hour', 60], ['/?range=day', 96], ['/?range=14d', 84], ['/match-quality?window=7d', 0]]
    for (const [path, points] of pages) {
      for (const { scheme, width } of SEEN) {
        const page = await open(path, { scheme, width, at: endpoint.console })
        const where = `fortnight ${path}, ${scheme}, ${width} px`
        await isSound(page, axe, where)
        await picture(page, where)
        const rows = await page.$$eval('figure.chart', (charts) => charts.map((chart) => chart.querySelectorAll('tbody tr').length))
        // The table has a row for each point at which there is something.
        assert.equal(rows.length, points ? 3 : 0, where)
        if (points) assert.ok(rows[0] >= points * 0.9 && rows[0] <= points && rows[1] > 0 && rows[2] >= points * 0.9, `${where}: ${rows}`)
        assert.deepEqual(page.said, [], where)
        await page.close()
      }
    }
    const { charts } = await api(endpoint, 'overview?range=14d')
    const reasons = new Set(charts.points.flatMap((point) => Object.keys(point.rejected)))
    assert.ok(reasons.has('missing_event_name') && reasons.has('refused'))
  } finally {
    await endpoint.stop()
  }
}

/** The three clicks of the README: from a request to "delivered". */
export async function screenshots({ endpoint, open, folder }) {
  await misbehave(endpoint, {})
  for (let number = 0; number < 40; number += 1) await track(endpoint, order(`picture-${number}`))
  await eventually('all is delivered', async () => (await api(endpoint, 'overview')).destinations[0].backlog === 0)
  const page = await open('/', { width: 1100, height: 760, scale: 1 })
  await page.screenshot({ path: `${folder}/console.png`, optimizeForSpeed: false })
  await page.close()
}

export { sendEachFate }
