namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Addresses at which the server itself hands out an object.</summary>
internal sealed class S3Presigner(S3Signer signer, S3Names names, ObjectRows rows, TimeProvider clock) : IPresignedReads
{
    /// <inheritdoc/>
    public async Task<Uri?> Address(
        ObjectKey key, TimeSpan life, string contentType, string disposition, CancellationToken cancel)
    {
        ObjectPath.Require(key);
        return await rows.Sealed(key, cancel) is { } row
            ? await signer.Read(names.Of(key, row.Write, row.Piece), clock.GetUtcNow() + life, contentType, disposition)
            : null;
    }
}
