using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// The owner's space for a file that comes in one request. A small one is only looked at, for its one transaction
/// decides; a larger one is set aside before its bytes are taken, in growing steps when its size is not known.
/// </summary>
internal sealed class UploadSpace(
    IStreams streams, IAllowance allowance, TimeProvider clock, UploadOptions options, AccountId owner,
    UploadCommand.Begin begin, long? atMostBytes, CancellationToken cancel)
{
    private const long FirstStepBytes = 8 << 20;
    private const long LastStepBytes = 256 << 20;
    private const int MaxTries = 4;

    private static readonly TimeSpan RenewAfter = UploadOptions.Lease / 4;

    private long grantedBytes = -1;
    private DateTimeOffset renewAt = DateTimeOffset.MaxValue;

    /// <summary>Whose space it is.</summary>
    public AccountId Owner => owner;

    /// <summary>The log knows of this upload, or may: it must end there, too.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Makes sure that this many bytes may be taken, and that the deadline is not near while they come.</summary>
    /// <returns>Why not, or null.</returns>
    public ValueTask<Rejection?> Cover(long bytes)
    {
        if (bytes > options.MaxFileBytes)
            return ValueTask.FromResult<Rejection?>(No.TooLarge);
        if (bytes > grantedBytes)
            return new ValueTask<Rejection?>(Grow(bytes));
        return clock.GetUtcNow() < renewAt ? default : new ValueTask<Rejection?>(Renew());
    }

    private async Task<Rejection?> Grow(long bytes)
    {
        for (var tries = 1; ; tries++)
        {
            var (freeBytes, fileBytes) = await allowance.Available(owner, cancel);
            if (bytes > fileBytes)
                return AllowanceRejection.FileTooLarge;
            if (!IsRecorded && bytes <= UploadOptions.SmallBytes && bytes <= freeBytes)
            {
                grantedBytes = Math.Min(Math.Min(UploadOptions.SmallBytes, freeBytes), fileBytes);
                return null;
            }

            var setAsideBytes = IsRecorded ? grantedBytes : 0;
            var wantedBytes = Math.Max(bytes, Math.Min(Math.Min(Step(bytes), fileBytes), setAsideBytes + freeBytes));
            var refused = await SetAside(wantedBytes);
            if (refused is null)
            {
                grantedBytes = wantedBytes;
                return null;
            }

            // Another upload was faster with what seemed free; the smaller wish may still fit.
            if (wantedBytes == bytes || tries == MaxTries)
                return refused;
        }
    }

    private long Step(long bytes) => Math.Min(
        options.MaxFileBytes,
        atMostBytes ?? bytes + Math.Clamp(bytes, FirstStepBytes, LastStepBytes));

    private async Task<Rejection?> SetAside(long bytes)
    {
        var until = clock.GetUtcNow() + UploadOptions.Lease;
        var stream = UploadDecider.StreamOf(begin.File, owner);
        UploadCommand mark = IsRecorded ? new UploadCommand.Extend(begin.Upload, until) : begin with { Until = until };
        var wasRecorded = IsRecorded;
        IsRecorded = true; // also when the answer gets lost
        var answer = await streams.Transact<Done>(
            async transaction =>
                (await transaction.Decide(stream, UploadDecider.Decider, mark)
                ?? await allowance.Reserve(transaction, owner, begin.Upload, bytes, until)) is { } no ? no : default(Done),
            cancel);
        if (answer.Refusal is { } why)
        {
            IsRecorded = wasRecorded;
            return why;
        }

        renewAt = until - UploadOptions.Lease + RenewAfter;
        return null;
    }

    private Task<Rejection?> Renew() => SetAside(grantedBytes);
}
