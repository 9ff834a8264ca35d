using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// A secret that nodes share. Each makes the same keys of it for itself, so that no key needs to be kept, passed on or
/// agreed upon.
/// </summary>
public sealed class SharedSecret
{
    // A public key follows from the secret and is published: whoever guesses a secret can check the guess. It is to cost
    // something.
    private const int Rounds = 200_000;

    private readonly byte[] root;

    public SharedSecret(string text) =>
        root = Rfc2898DeriveBytes.Pbkdf2(text, "eventfiles"u8, Rounds, HashAlgorithmName.SHA256, 32);

    /// <summary>A key for one purpose. It tells nothing of the secret or of keys for other purposes.</summary>
    public byte[] Derive(string purpose, int bytes) =>
        HKDF.Expand(HashAlgorithmName.SHA256, root, bytes, Encoding.UTF8.GetBytes(purpose));
}
