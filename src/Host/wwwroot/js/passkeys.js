/**
 * What the browser does with passkeys (Web Authentication).
 * @module
 */

/** @param {string} domain the one that the server's passkeys work at */
export const canUsePasskeys = domain =>
  'parseCreationOptionsFromJSON' in (window.PublicKeyCredential ?? {}) && location.hostname === domain;

/**
 * Has an authenticator make a passkey.
 * @param {object} options the server's
 * @returns {Promise<object>} what it says, for the server
 */
export const makePasskey = options => asked('There is a passkey of your account on this device already.',
  () => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));

/**
 * Has whoever is here choose a passkey and prove it.
 * @param {object} options the server's
 * @returns {Promise<object>} what the authenticator says, for the server
 */
export const usePasskey = options => asked('This passkey cannot be used.',
  () => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

// Browsers say the same of one who changed their mind and of a device that has none, so that no page learns which it was.
async function asked(ifInvalid, what) {
  try {
    return (await what()).toJSON();
  } catch (error) {
    if (error.name === 'InvalidStateError') throw new Error(ifInvalid);
    if (error.name === 'NotAllowedError') throw new Error('No passkey was used.');
    throw error;
  }
}
