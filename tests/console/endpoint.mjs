// `segue serve --sandbox` as a process, with the events that the pages are to show.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Waits until something is true, and not for ever. */
export async function eventually(what, isTrue, patience = 60_000) {
  const end = Date.now() + patience
  for (;;) {
    const result = await isTrue()
    if (result) return result
    if (Date.now() > end) throw new Error(`not in ${patience / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Starts an endpoint in a folder of its own, whose data folder is prepared first; further arguments go to the command. */
export async function start(segue, args = [], environment = {}, prepare = () => {}) {
  const folder = await mkdtemp(join(tmpdir(), 'segue-console-'))
  const ready = join(folder, 'ready.json')
  prepare(join(folder, 'data'))
  const child = spawn(
    segue,
    ['serve', '--sandbox', '--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0', '--ready-file', ready, '--data-dir', join(folder, 'data'), ...args],
    { cwd: folder, env: { PATH: process.env.PATH, TMPDIR: folder, SEGUE_WRITE_KEY: 'wk_of_the_tests', ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (text) => { said += text })
  const addresses = await eventually('the endpoint answers', async () => {
    if (child.exitCode !== null) throw new Error(`segue ended: ${said}`)
    return readFile(ready, 'utf8').then(JSON.parse, () => null)
  })
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  return { ...addresses, stop }
}

/** Sends a Track call. */
export async function track(endpoint, message) {
  const answer = await fetch(`${endpoint.ingest}/v1/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa('wk_of_the_tests:')}` },
    body: JSON.stringify({ type: 'track', event: 'Order Completed', userId: 'u-1', ...message }),
  })
  if (!answer.ok) throw new Error(`the endpoint said ${answer.status}`)
}

export function order(id) {
  return { messageId: id, properties: { order_id: `order-of-${id}`, revenue: 19.9, currency: 'EUR' } }
}

/** Has the sandbox misbehave. */
export async function misbehave(endpoint, script) {
  const answer = await fetch(`${endpoint.sandbox}/faults`, { method: 'PUT', body: JSON.stringify(script) })
  if (!answer.ok) throw new Error(`the sandbox said ${answer.status}`)
}

export async function api(endpoint, path) {
  const answer = await fetch(`${endpoint.console}/api/v1/${path}`)
  return answer.json()
}

/** Events of each fate: delivered, rejected, a dead letter, and held. */
export async function sendEachFate(endpoint) {
  await misbehave(endpoint, { refuse: [{ event_ids: ['m-dead'], code: 100, subcode: 2804050 }] })
  await track(endpoint, order('m-delivered'))
  await track(endpoint, { ...order('m-rejected'), timestamp: '2020-01-01T00:00:00Z' })
  await track(endpoint, order('m-dead'))
  await eventually('one is delivered, one is given up', async () => {
    const overview = await api(endpoint, 'overview')
    const [one] = overview.destinations
    return one.delivered >= 1 && one.dead_letters === 1
  })
  await misbehave(endpoint, { token_expired: true })
  await track(endpoint, order('m-held'))
  await eventually('the destination is held', async () => !(await api(endpoint, 'overview')).verdict.is_fine)
}
