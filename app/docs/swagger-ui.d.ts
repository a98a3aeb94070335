/** Types for the part of Swagger UI that this page uses. The package has none. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  import type { createElement, ReactNode } from 'react';

  /** A component of Swagger UI. */
  export type Part = (props: PartProps) => ReactNode;

  export interface PartProps {
    /** Returns the component with this name. */
    readonly getComponent: (name: string, container?: boolean) => Part;
    readonly getConfigs: () => object;
    readonly tag?: string;
    readonly children?: ReactNode;
  }

  export interface System {
    readonly React: { readonly createElement: typeof createElement };
    readonly specSelectors: {
      /** The responses, by path and method. */
      readonly responses: () => Iterable<[path: string, byMethod: Iterable<[method: string, response: unknown]>]>;
    };
    readonly specActions: {
      readonly clearResponse: (path: string, method: string) => void;
    };
  }

  export type SetResponse = (path: string, method: string, response: unknown) => unknown;

  export interface Plugin {
    readonly components?: Readonly<Record<string, Part>>;
    readonly wrapComponents?: Readonly<Record<string, (original: Part) => Part>>;
    readonly statePlugins?: {
      readonly spec?: {
        readonly wrapActions?: { readonly setResponse?: (original: SetResponse) => SetResponse };
      };
    };
  }

  export interface Config {
    readonly domNode: Element;
    readonly spec: object;
    readonly layout: string;
    readonly plugins: readonly ((system: System) => Plugin)[];
    readonly syntaxHighlight?: false;
    readonly validatorUrl?: null;
  }

  export default function SwaggerUI(config: Config): System;
}
