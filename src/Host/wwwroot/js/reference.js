/**
 * The API reference: Scalar's, with nothing that leaves this server.
 * @module
 */

const page = /** @type {any} */ (globalThis);

// Its validator tries whether it may make code at run time. It may not; asked first, it does not try.
page.__zod_globalConfig = { jitless: true };

const scalar = document.createElement('script');
scalar.src = '/vendor/scalar.js';
scalar.addEventListener('load', () => page.Scalar.createApiReference('#reference', {
  url: '/openapi/v1.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  documentDownloadType: 'both',
}));
document.head.append(scalar);
