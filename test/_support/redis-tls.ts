// The certificates' library asks for it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** A certificate and its key, as files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority that nobody knows, and what it has signed: all of them paths of PEM files. */
export interface PrivateAuthority extends AsyncDisposable {
  readonly ca: string;
  /** Of 127.0.0.1 and localhost, until tomorrow. */
  readonly valid: Identity;
  /** The same, until yesterday. */
  readonly expired: Identity;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export async function createAuthority(): Promise<PrivateAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-tls-'));
  const save = async (name: string, pem: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, pem);
    return path;
  };
  const root = await selfSigned();
  const issue = async (name: string, notAfter: Date): Promise<Identity> => {
    const { cert, key } = await signedBy(root, notAfter);
    return { cert: await save(`${name}.pem`, cert), key: await save(`${name}-key.pem`, key) };
  };
  return {
    ca: await save('ca.pem', root.certificate.toString('pem')),
    valid: await issue('valid', daysFromNow(1)),
    expired: await issue('expired', daysFromNow(-1)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

type Root = Awaited<ReturnType<typeof selfSigned>>;

async function selfSigned() {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=A private authority',
    notBefore: daysFromNow(-3),
    notAfter: daysFromNow(3),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return { keys, certificate };
}

async function signedBy({ keys, certificate }: Root, notAfter: Date): Promise<Identity> {
  const own = await newKeys();
  const signed = await X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: certificate.subject,
    notBefore: daysFromNow(-2),
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
  return { cert: signed.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * dayMs);
}

/** A server whose `tlsPort` speaks TLS, beside the plain port. */
export interface TlsServer extends RedisServer {
  readonly tlsPort: number;
}

export interface TlsServerOptions {
  readonly authority: PrivateAuthority;
  readonly identity: Identity;
  /** Whether clients have to show a certificate of the authority as well. */
  readonly asksClients?: boolean;
}

const attempts = 3;

export async function startTlsRedis(options: TlsServerOptions): Promise<TlsServer> {
  for (let attempt = 1; ; attempt++) {
    const tlsPort = await freePort();
    try {
      return Object.assign(await startRedis({ args: tlsArguments(tlsPort, options) }), { tlsPort });
    } catch (error) {
      // Between finding the port and using it, somebody else took it.
      if (attempt === attempts) throw error;
    }
  }
}

function tlsArguments(port: number, { authority, identity, asksClients = false }: TlsServerOptions): readonly string[] {
  return [
    ...['--tls-port', String(port), '--tls-ca-cert-file', authority.ca],
    ...['--tls-cert-file', identity.cert, '--tls-key-file', identity.key],
    ...['--tls-auth-clients', asksClients ? 'yes' : 'no'],
  ];
}
