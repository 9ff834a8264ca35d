using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Features.Upload;

/// <summary>
/// The secret in a resumable upload's URL: the file's UUID, so that its stream is found without an index, and 256 random
/// bits. Events hold its digest only, made together with the owner's id: in another account's hands it opens nothing.
/// </summary>
internal static class UploadToken
{
    private const int IdBytes = 16;
    private const int SecretBytes = 32;

    /// <summary>A new token for bytes that are meant for this file.</summary>
    public static string New(FileId file)
    {
        Span<byte> token = stackalloc byte[IdBytes + SecretBytes];
        file.Value.TryWriteBytes(token, bigEndian: true, out _);
        RandomNumberGenerator.Fill(token[IdBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>
    /// The token of an upload that is made of parts: it follows from theirs, so that a client that did not hear the reply
    /// gets the same one when it asks again. Whoever has not all of theirs can guess it no more than them.
    /// </summary>
    public static string Of(FileId file, IReadOnlyList<string> parts)
    {
        Span<byte> token = stackalloc byte[IdBytes + SecretBytes];
        file.Value.TryWriteBytes(token, bigEndian: true, out _);
        SHA256.HashData(Encoding.UTF8.GetBytes($"final {string.Join(' ', parts)}"), token[IdBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The file that a token is about, if it can be a token at all.</summary>
    public static bool TryRead(string token, [NotNullWhen(true)] out FileId? file)
    {
        Span<byte> bytes = stackalloc byte[IdBytes + SecretBytes];
        file = token.Length == Base64Url.GetEncodedLength(bytes.Length)
            && Base64Url.IsValid(token)
            && Base64Url.TryDecodeFromChars(token, bytes, out var written) && written == bytes.Length
                ? new FileId(new Guid(bytes[..IdBytes], bigEndian: true))
                : null;
        return file is not null;
    }

    /// <summary>What stands for the token in the log: lower-case hex.</summary>
    public static string Digest(string token, AccountId owner) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{token}.{owner}")));
}
