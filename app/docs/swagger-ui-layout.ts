import type { Part, Plugin, System } from 'swagger-ui-dist/swagger-ui-es-bundle.js';

/** Swagger UI bundles its own React, and its components must be created with that one. */
type CreateElement = System['React']['createElement'];

/** Replaces the frame of Swagger UI with the layout of this app: one section for each router. */
export function createLayoutPlugin({ React: { createElement } }: System): Plugin {
  return {
    components: {
      Reference: createOperations(createElement),
      OperationTag: createSection(createElement),
      // Replaces a button that asks for the token. Users cannot enter it, because the cookie is HttpOnly.
      authorizeOperationBtn: () => createElement('span', { className: 'needs-session' }, 'needs a session'),
      // Hides the curl command, which would lack the cookie.
      curl: () => null,
    },
    wrapComponents: { response: hideExample(createElement) },
  };
}

function createOperations(create: CreateElement): Part {
  return ({ getComponent }) => create('div', { className: 'swagger-ui' }, create(getComponent('operations', true)));
}

function createSection(create: CreateElement): Part {
  return ({ tag = '', children }) => {
    const id = `group-${tag}`;
    return create('section', { className: 'section', 'aria-labelledby': id }, create('h2', { id }, tag), children);
  };
}

/** Shows the schema of a response instead of an example. An example has made-up values, which readers may believe. */
function hideExample(create: CreateElement): (original: Part) => Part {
  return (original) => (props) => {
    const getConfigs = () => ({ ...props.getConfigs(), defaultModelRendering: 'model' });
    return create(original, { ...props, getConfigs });
  };
}
