using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Features.Share;

/// <summary>
/// The secret in a link's URL. Only its digest is kept: whoever reads the log, a backup or the read models can open
/// nothing with it. A plain hash does, because there is nothing to guess in 256 random bits.
/// </summary>
internal static class LinkToken
{
    private const int RandomBytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>SHA-256 in lower-case hex.</summary>
    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
