using System.Buffers;
using System.Security.Cryptography;

namespace EventFiles.Client;

/// <summary>What a local file's bytes are.</summary>
internal static class LocalDigest
{
    private const int BufferBytes = 1 << 20;

    /// <summary>SHA-256, lower-case hex.</summary>
    /// <exception cref="NotDoneException">The file cannot be read.</exception>
    public static async Task<string> Of(string path, CancellationToken cancel)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await AddTo(digest, path, cancel);
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>Adds a file's bytes to a digest.</summary>
    /// <exception cref="NotDoneException">The file cannot be read.</exception>
    public static async Task AddTo(IncrementalHash digest, string path, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
            while (await file.ReadAsync(buffer, cancel) is > 0 and var count)
                digest.AppendData(buffer, 0, count);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotDoneException.Local(path, failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
