using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// The owner's space for a transfer whose length nobody knows yet. What a request says that it brings is set aside before
/// a byte of it is taken; of one that does not say, growing steps. When the request is over, what is stored is set aside
/// and not a byte more: an upload that pauses holds nothing that others could use.
/// </summary>
/// <param name="storedBytes">Where the request begins.</param>
/// <param name="comingBytes">How many bytes it brings; null when it does not say.</param>
internal sealed class OpenSpace(
    Transfers transfers, IAllowance allowance, UploadOptions options, Transfer transfer, long storedBytes, long? comingBytes)
{
    private const long FirstStepBytes = 8 << 20;
    private const long LastStepBytes = 256 << 20;
    private const int MaxTries = 4;

    private readonly long announcedBytes = storedBytes + (comingBytes ?? 0);
    private readonly bool isAnnounced = comingBytes is not null;
    private long grantedBytes = storedBytes;

    /// <summary>Makes sure that the transfer may grow to this size.</summary>
    /// <returns>Why not, or null.</returns>
    public ValueTask<Rejection?> Cover(long bytes) =>
        bytes > options.MaxFileBytes ? ValueTask.FromResult<Rejection?>(No.TooLarge)
        : bytes <= grantedBytes ? default
        : new ValueTask<Rejection?>(Grow(bytes));

    /// <summary>The request is over and so much is stored: what was set aside besides is free again.</summary>
    public async Task Settle(long bytes)
    {
        if (bytes != grantedBytes && await transfers.SetAside(transfer, bytes) is null)
            grantedBytes = bytes;
    }

    private async Task<Rejection?> Grow(long bytes)
    {
        for (var tries = 1; ; tries++)
        {
            // A hint: the transaction decides, and what it refuses may fit in a smaller step.
            var (freeBytes, fileBytes) = await allowance.Available(transfer.Owner, CancellationToken.None);
            if (bytes > fileBytes)
                return AllowanceRejection.FileTooLarge;
            var roomBytes = grantedBytes + freeBytes;
            var wantedBytes = Math.Max(bytes, Math.Min(Math.Min(Step(bytes), fileBytes), roomBytes));
            var refused = await transfers.SetAside(transfer, wantedBytes);
            if (refused is null)
                grantedBytes = wantedBytes;
            if (refused is null || wantedBytes == bytes || tries == MaxTries)
                return refused;
        }
    }

    private long Step(long bytes) => Math.Min(
        options.MaxFileBytes,
        isAnnounced ? Math.Max(bytes, announcedBytes) : bytes + Math.Clamp(bytes, FirstStepBytes, LastStepBytes));
}
