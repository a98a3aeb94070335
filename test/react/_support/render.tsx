import { act, type ReactNode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { vi } from 'vitest';

/** A page, and what React complained about on it. */
export interface Page {
  readonly container: HTMLElement;
  readonly complaints: unknown[];
  render(node: ReactNode): Promise<void>;
  text(): string;
}

const pages: { readonly root: Root; readonly container: HTMLElement }[] = [];

/** Renders in the browser alone. */
export async function mount(node: ReactNode): Promise<Page> {
  const container = newContainer('');
  const complaints = listening();
  const onRecoverableError = (error: unknown) => complaints.push(error);
  const onUncaughtError = (error: unknown) => complaints.push(error);
  const root = createRoot(container, { onRecoverableError, onUncaughtError });
  const page = pageOf(root, container, complaints);
  await page.render(node);
  return page;
}

/** Takes over what a server rendered. */
export async function hydrate(html: string, node: ReactNode): Promise<Page> {
  const container = newContainer(html);
  const complaints = listening();
  const onRecoverableError = (error: unknown) => complaints.push(error);
  const root = await act(async () => hydrateRoot(container, node, { onRecoverableError }));
  return pageOf(root, container, complaints);
}

/** Takes over as a browser does it, where nothing is flushed that React would not flush by itself. */
export async function hydrateUnassisted(html: string, node: ReactNode): Promise<Page> {
  const container = newContainer(html);
  const complaints = listening();
  setActing(false);
  const onRecoverableError = (error: unknown) => complaints.push(error);
  const root = hydrateRoot(container, node, { onRecoverableError });
  await new Promise((resolve) => setTimeout(resolve, 50));
  setActing(true);
  return pageOf(root, container, complaints);
}

export async function unmountAll(): Promise<void> {
  for (const { root, container } of pages.splice(0)) {
    await act(async () => root.unmount());
    container.remove();
  }
}

function newContainer(html: string): HTMLElement {
  setActing(true);
  const container = document.createElement('div');
  container.innerHTML = html;
  document.body.append(container);
  return container;
}

function setActing(acting: boolean): void {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = acting;
}

function listening(): unknown[] {
  const complaints: unknown[] = [];
  vi.spyOn(console, 'error').mockImplementation((...words) => complaints.push(words));
  return complaints;
}

function pageOf(root: Root, container: HTMLElement, complaints: unknown[]): Page {
  pages.push({ root, container });
  return {
    container,
    complaints,
    render: (node) => act(async () => root.render(node)),
    text: () => container.textContent,
  };
}
