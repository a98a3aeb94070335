import { act, type ReactNode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { vi } from 'vitest';

/** A page, and the errors that React reported for it. */
export interface Page {
  readonly container: HTMLElement;
  readonly errors: unknown[];
  render(node: ReactNode): Promise<void>;
  /** Runs an event handler, and everything that it starts. */
  run(handler: () => unknown): Promise<void>;
  text(): string;
}

const pages: { readonly root: Root; readonly container: HTMLElement }[] = [];

/** Renders a page that the server did not render. */
export async function mount(node: ReactNode): Promise<Page> {
  const container = createContainer('');
  const errors = collectErrors();
  const onRecoverableError = (error: unknown) => errors.push(error);
  const onUncaughtError = (error: unknown) => errors.push(error);
  const root = createRoot(container, { onRecoverableError, onUncaughtError });
  const page = createPage(root, container, errors);
  await page.render(node);
  return page;
}

/** Hydrates the HTML of a server. */
export async function hydrate(html: string, node: ReactNode): Promise<Page> {
  const container = createContainer(html);
  const errors = collectErrors();
  const onRecoverableError = (error: unknown) => errors.push(error);
  const root = await act(async () => hydrateRoot(container, node, { onRecoverableError }));
  return createPage(root, container, errors);
}

/** Hydrates as in a browser: without `act`, which would flush effects early. */
export async function hydrateUnassisted(html: string, node: ReactNode): Promise<Page> {
  const container = createContainer(html);
  const errors = collectErrors();
  setActEnvironment(false);
  const onRecoverableError = (error: unknown) => errors.push(error);
  const root = hydrateRoot(container, node, { onRecoverableError });
  await new Promise((resolve) => setTimeout(resolve, 50));
  setActEnvironment(true);
  return createPage(root, container, errors);
}

export async function unmountAll(): Promise<void> {
  for (const { root, container } of pages.splice(0)) {
    await act(async () => root.unmount());
    container.remove();
  }
}

function createContainer(html: string): HTMLElement {
  setActEnvironment(true);
  const container = document.createElement('div');
  container.innerHTML = html;
  document.body.append(container);
  return container;
}

function setActEnvironment(isOn: boolean): void {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = isOn;
}

function collectErrors(): unknown[] {
  const errors: unknown[] = [];
  vi.spyOn(console, 'error').mockImplementation((...parts) => errors.push(parts));
  return errors;
}

function createPage(root: Root, container: HTMLElement, errors: unknown[]): Page {
  pages.push({ root, container });
  return {
    container,
    errors,
    render: (node) => act(async () => root.render(node)),
    run: (handler) => act(async () => void handler()),
    text: () => container.textContent,
  };
}
