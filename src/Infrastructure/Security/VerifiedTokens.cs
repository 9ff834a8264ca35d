using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>The SHA-256 of a token: knowing it opens nothing.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenDigest(UInt128 First, UInt128 Last)
{
    public static TokenDigest Of(string token)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), digest);
        return MemoryMarshal.Read<TokenDigest>(digest);
    }
}

/// <summary>
/// Tokens whose signature was found good, so that a busy client costs one check and not one for each request. Bounded: two
/// generations, of which the older is dropped when the younger is full. Says nothing of dates or sessions.
/// </summary>
internal sealed class VerifiedTokens(int perGeneration = 10_000)
{
    private volatile ConcurrentDictionary<TokenDigest, VerifiedToken> young = new();
    private volatile ConcurrentDictionary<TokenDigest, VerifiedToken> old = new();
    private int kept;

    public VerifiedToken? Find(TokenDigest digest)
    {
        if (young.TryGetValue(digest, out var token))
            return token;
        if (!old.TryGetValue(digest, out token))
            return null;
        Keep(digest, token);
        return token;
    }

    public void Keep(TokenDigest digest, VerifiedToken token)
    {
        if (!young.TryAdd(digest, token) || Interlocked.Increment(ref kept) < perGeneration)
            return;
        Interlocked.Exchange(ref kept, 0);
        old = young;
        young = new();
    }
}
