// Sends N messages with gelf-pro, one after the other. Usage: node gelf-pro.js PORT N udp|tcp|tcp-tls [CA-FILE]; every
// tenth is so long that UDP takes several chunks. Ends with `sent N`.
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const log = require('gelf-pro')

const [port, count, adapterName, ca] = process.argv.slice(2)
log.setConfig({
  adapterName,
  adapterOptions: {host: '127.0.0.1', port: Number(port), ...(ca && {ca: [fs.readFileSync(ca)]})},
  fields: {container_name: 'web'},
})

const send = (n) => {
  if (n === Number(count)) {
    console.log('sent %d', n)
    process.exit(0)
  }
  const rest = n % 10 === 9 ? {noise: crypto.randomBytes(8000).toString('hex')} : {}
  log.error(`event ${n} of gelf-pro, ü`, {n, ...rest}, (error) => {
    if (error) {
      console.error(error)
      process.exit(1)
    }
    send(n + 1)
  })
}
send(0)
