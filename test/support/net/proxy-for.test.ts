import { describe, expect, test } from 'vitest'
import { proxyFor } from '../../../src/support/net/proxy-for.ts'

const HTTPS_PROXY = 'http://proxy.corp:3128'
const BROKER = 'https://broker.corp:7444/v1/leases'

// As golang.org/x/net/http/httpproxy has it, by which kubectl finds its own.
describe('proxyFor', () => {
  test.each([
    { name: 'none, where none is set', env: {} },
    { name: 'none, where it is empty', env: { HTTPS_PROXY: '' } },
    { name: 'none of another protocol', env: { HTTP_PROXY: HTTPS_PROXY } },
    { name: 'none for http', env: { HTTPS_PROXY }, url: 'http://127.0.0.1:7444' },
    { name: 'none for localhost', env: { HTTPS_PROXY }, url: 'https://localhost:7444' },
    { name: 'none for an address of loopback', env: { HTTPS_PROXY }, url: 'https://127.9.9.9' },
    { name: 'none for ::1', env: { HTTPS_PROXY }, url: 'https://[::1]:7444' },
    { name: 'none where all is exempt', env: { HTTPS_PROXY, NO_PROXY: 'x,*' } },
    { name: 'none for a host that is exempt', env: { HTTPS_PROXY, NO_PROXY: 'a.example, broker.corp' } },
    { name: 'none by the other name', env: { HTTPS_PROXY, no_proxy: 'Broker.Corp' } },
    { name: 'none below a domain that is exempt', env: { HTTPS_PROXY, NO_PROXY: 'corp' } },
    { name: 'none below a domain with a dot', env: { HTTPS_PROXY, NO_PROXY: '.corp' } },
    { name: 'none below a domain with an asterisk', env: { HTTPS_PROXY, NO_PROXY: '*.corp' } },
    { name: 'none for an exempt port', env: { HTTPS_PROXY, NO_PROXY: 'corp:7444' } },
    { name: 'none for an exempt address', env: { HTTPS_PROXY, NO_PROXY: '10.1.2.3' }, url: 'https://10.1.2.3' },
    { name: 'none in an exempt network', env: { HTTPS_PROXY, NO_PROXY: '10.0.0.0/8' }, url: 'https://10.1.2.3' },
    { name: 'none in one of IPv6', env: { HTTPS_PROXY, NO_PROXY: 'fd00::/8' }, url: 'https://[fd00::7]:7444' },
    { name: 'none for an IPv6 address', env: { HTTPS_PROXY, NO_PROXY: 'fd00::7' }, url: 'https://[fd00::7]:7444' },
  ])('is $name', ({ env, url = BROKER }) => {
    expect(proxyFor(url, env)).toBeNull()
  })

  test.each([
    { name: 'by either name', env: { https_proxy: HTTPS_PROXY } },
    { name: 'for a host that only ends alike', env: { HTTPS_PROXY, NO_PROXY: 'roker.corp' } },
    { name: 'for the domain itself, where a dot leads', env: { HTTPS_PROXY, NO_PROXY: '.broker.corp' } },
    { name: 'for another port', env: { HTTPS_PROXY, NO_PROXY: 'broker.corp:443' } },
    { name: 'for an address outside', env: { HTTPS_PROXY, NO_PROXY: '10.0.0.0/8' }, url: 'https://11.1.2.3' },
    { name: 'for a name, whatever networks are exempt', env: { HTTPS_PROXY, NO_PROXY: '0.0.0.0/0,::/0' } },
    {
      name: 'beside what is no network',
      env: { HTTPS_PROXY, NO_PROXY: '10.1.2.3/99,/,:,[,10.1.2.3/' },
      url: 'https://10.1.2.3',
    },
  ])('is the one that is set $name', ({ env, url = BROKER }) => {
    expect(proxyFor(url, env)).toBe(HTTPS_PROXY)
  })
})
