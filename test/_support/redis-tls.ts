// @peculiar/x509 needs it.
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
import { findFreePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** The paths of a certificate and its key. */
interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that no client trusts by default, and certificates it signed. All are paths of PEM files. */
export interface PrivateAuthority extends AsyncDisposable {
  readonly ca: string;
  /** For 127.0.0.1 and localhost, valid until tomorrow. */
  readonly valid: Identity;
  /** For the same hosts, expired yesterday. */
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
  const root = await createRoot();
  const issue = async (name: string, notAfter: Date): Promise<Identity> => {
    const { cert, key } = await signCertificate(root, notAfter);
    return { cert: await save(`${name}.pem`, cert), key: await save(`${name}-key.pem`, key) };
  };
  return {
    ca: await save('ca.pem', root.certificate.toString('pem')),
    valid: await issue('valid', addDays(1)),
    expired: await issue('expired', addDays(-1)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

type Root = Awaited<ReturnType<typeof createRoot>>;

async function createRoot() {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=A private authority',
    notBefore: addDays(-3),
    notAfter: addDays(3),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return { keys, certificate };
}

async function signCertificate({ keys, certificate }: Root, notAfter: Date): Promise<Identity> {
  const own = await generateKeys();
  const signed = await X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: certificate.subject,
    notBefore: addDays(-2),
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

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function addDays(days: number): Date {
  return new Date(Date.now() + days * dayMs);
}

/** A server with a TLS port in addition to the plain port. */
export interface TlsServer extends RedisServer {
  readonly tlsPort: number;
}

export interface TlsServerOptions {
  readonly authority: PrivateAuthority;
  readonly identity: Identity;
  /** Whether clients must present a certificate of the authority. @default false */
  readonly requiresClientCertificate?: boolean;
}

const attempts = 3;

export async function startTlsRedis(options: TlsServerOptions): Promise<TlsServer> {
  for (let attempt = 1; ; attempt++) {
    const tlsPort = await findFreePort();
    try {
      return Object.assign(await startRedis({ args: buildTlsArguments(tlsPort, options) }), { tlsPort });
    } catch (error) {
      // Another process may take the port between finding and using it.
      if (attempt === attempts) throw error;
    }
  }
}

function buildTlsArguments(
  port: number,
  { authority, identity, requiresClientCertificate = false }: TlsServerOptions,
): readonly string[] {
  return [
    ...['--tls-port', String(port), '--tls-ca-cert-file', authority.ca],
    ...['--tls-cert-file', identity.cert, '--tls-key-file', identity.key],
    ...['--tls-auth-clients', requiresClientCertificate ? 'yes' : 'no'],
  ];
}
