namespace EventFiles.Features.Delete;

/// <summary>What keeps a file from being deleted for good, as a transaction sees it.</summary>
internal static class Keeping
{
    /// <summary>A legal hold, or a rule; null when nothing does.</summary>
    public static async Task<Rejection?> Of(
        IHolds holds, IRetention retention, ITransaction transaction, AccountId owner, FileId file) =>
        (await holds.OverFile(transaction, owner, file)).Count > 0 ? HoldRejection.Stands
        : await retention.KeepsFile(transaction, owner, file) ? KeepingRejection.TooEarly
        : null;
}
