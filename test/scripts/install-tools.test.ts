import { describe, expect, test } from 'vitest';
import { decideInstall, isCiRun, isContainer } from '../../scripts/install-tools.mjs';

const laptop = { canInstall: true, isCi: false, isRootInContainer: false, isInteractive: true };

describe('decideInstall', () => {
  test.each([
    ['asks a person at a terminal', laptop, 'ask'],
    ['installs in a CI run', { ...laptop, isCi: true, isInteractive: false }, 'install'],
    ['installs for root in a container', { ...laptop, isRootInContainer: true }, 'install'],
    ['explains when there is no terminal', { ...laptop, isInteractive: false }, 'explain'],
    ['explains when it cannot install, in a CI run too', { ...laptop, canInstall: false, isCi: true }, 'explain'],
  ] as const)('%s', (_title, situation, decision) => {
    expect(decideInstall(situation)).toBe(decision);
  });
});

describe('isContainer', () => {
  const machine = { env: {}, hasFile: () => false, firstProcess: 'systemd' };

  test.each([
    ['Docker', { ...machine, hasFile: (path: string) => path === '/.dockerenv' }],
    ['Podman', { ...machine, hasFile: (path: string) => path === '/run/.containerenv' }],
    ['systemd-nspawn and LXC', { ...machine, env: { container: 'lxc' } }],
    ['Kubernetes', { ...machine, env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }],
    ['an unknown engine, by its first process', { ...machine, firstProcess: 'bash' }],
  ])('recognizes %s', (_engine, container) => {
    expect(isContainer(container)).toBe(true);
  });

  test.each(['systemd', 'init', undefined])('takes a machine whose first process is %s for no container', (name) => {
    expect(isContainer({ ...machine, firstProcess: name })).toBe(false);
  });
});

describe('isCiRun', () => {
  test.each(['true', '1', 'woodpecker'])('is true for CI=%s', (CI) => {
    expect(isCiRun({ CI })).toBe(true);
  });

  test.each([undefined, '', 'false', 'FALSE', '0'])('is false for CI=%s', (CI) => {
    expect(isCiRun({ CI })).toBe(false);
  });
});
