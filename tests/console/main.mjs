// The console of the real command in a real browser. `cargo xtask console` installs what it needs and runs this.
//
// Environment: SEGUE, the command; FORTNIGHT, a program that writes fourteen days of history into a folder; CHROMIUM, the browser; MODULES, a folder with `node_modules`; SCREENSHOTS, a folder for the
// pictures of the README, when these are wanted instead of the checks; PICTURES, a folder for a picture of every page that is
// checked, for somebody who looks at them.

import { createServer } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as journeys from './journeys.mjs'
import { start } from './endpoint.mjs'

const { SEGUE, FORTNIGHT, CHROMIUM, MODULES, SCREENSHOTS, PICTURES, FILTER } = process.env
const require = createRequire(join(MODULES, 'node_modules', 'here.js'))
const puppeteer = require('puppeteer-core')
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')

const folder = await mkdtemp(join(tmpdir(), 'segue-browser-'))
const browser = await puppeteer.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  userDataDir: join(folder, 'profile'),
  env: { ...process.env, HOME: folder },
})
const endpoint = await start(SEGUE)

/** Opens a page; what the browser's console says of it is in `said`. */
async function open(path, { scheme = 'light', width = 1280, height = 800, scale = 1, script = true, at = endpoint.console } = {}) {
  const page = await browser.newPage()
  page.said = []
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.said.push(message.text())
  })
  page.on('pageerror', (error) => page.said.push(String(error)))
  await page.setJavaScriptEnabled(script)
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.setViewport({ width, height, deviceScaleFactor: scale })
  await page.goto(new URL(path, at).href, { waitUntil: 'load' })
  return page
}

/** A picture of a whole page, if somebody wants to look at it. */
async function picture(page, name) {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name.replaceAll(/[^\w.]+/g, '-')}.png`), fullPage: true })
}

/** An address of another site that answers with this text. */
const servers = []
async function elsewhere(html) {
  const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(html))
  servers.push(server)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The same machine, and another site: its name differs.
  return `http://localhost:${server.address().port}/`
}

const tools = { endpoint, open, picture, axe, elsewhere, folder, writeFile, segue: SEGUE, fortnight: FORTNIGHT, browserPage: () => browser.newPage() }
let failed = 0
try {
  if (SCREENSHOTS) {
    await journeys.screenshots({ ...tools, folder: SCREENSHOTS })
  } else {
    await journeys.sendEachFate(endpoint)
    for (const journey of ['pagesAreSound', 'searchFindsEachFate', 'keyboardReachesEverything', 'pagesChangeWhileOpen',
      'pagesWorkWithoutScript', 'otherSitesChangeNothing', 'passwordIsAsked', 'fortnightIsShown', 'replayReachesTheSandbox']) {
      if (FILTER && !journey.includes(FILTER)) continue
      try {
        const account = await journeys[journey](tools)
        console.log(`ok ${journey}${account ? `: ${account}` : ''}`)
      } catch (error) {
        failed += 1
        console.log(`FAILED ${journey}: ${error.stack}`)
      }
    }
  }
} finally {
  servers.forEach((server) => server.close())
  await browser.close()
  await endpoint.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
