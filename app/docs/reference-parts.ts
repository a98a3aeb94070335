import type { Part, Plugin, System } from 'swagger-ui-dist/swagger-ui-es-bundle.js';

/** Elements have to be of Swagger UI's own React: it brings one along, and it is not the one of this app. */
type Create = System['React']['createElement'];

/** Swagger UI without the frame of a tool: one section for each group of procedures, in this site's own layout. */
export function referenceParts({ React: { createElement } }: System): Plugin {
  return {
    components: {
      Reference: operations(createElement),
      OperationTag: group(createElement),
      // Its button opens a dialog that asks for the token. Nobody can give it: the cookie is HttpOnly.
      authorizeOperationBtn: () => createElement('span', { className: 'needs-session' }, 'needs a session'),
      // The command that it shows would lack the cookie.
      curl: () => null,
    },
    wrapComponents: { response: withoutExample(createElement) },
  };
}

function operations(create: Create): Part {
  return ({ getComponent }) => create('div', { className: 'swagger-ui' }, create(getComponent('operations', true)));
}

function group(create: Create): Part {
  return ({ tag = '', children }) => {
    const id = `group-${tag}`;
    return create('section', { className: 'section', 'aria-labelledby': id }, create('h2', { id }, tag), children);
  };
}

/** An example is made up where a schema leaves things open. For an answer that would be a claim. */
function withoutExample(create: Create): (original: Part) => Part {
  return (original) => (props) => {
    const getConfigs = () => ({ ...props.getConfigs(), defaultModelRendering: 'model' });
    return create(original, { ...props, getConfigs });
  };
}
