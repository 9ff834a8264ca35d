using System.Text.Json;
using MediatR;
using No = EventFiles.Features.Delete.StorageRejection;

namespace EventFiles.Features.Delete;

/// <summary>Compares log and object store while somebody waits for it: what it finds by then.</summary>
internal sealed class StorageReportHandler(StorageCheck check, StorageOptions options, TimeProvider clock) :
    IRequestHandler<CheckStorage, Answer<StorageReport>>
{
    // Nobody waits much longer for a reply, and proxies do not.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);

    public async Task<Answer<StorageReport>> Handle(CheckStorage ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        using var patience = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var items = new List<StorageDisagreement>();
        var isComplete = true;
        try
        {
            // Any node may store at this moment: only the grace counts.
            await foreach (var found in check.Unclaimed(clock.GetUtcNow() - options.Grace, either.Token).Concat(check.Missing(either.Token)))
            {
                if (items.Count == ask.Limit)
                {
                    isComplete = false;
                    break;
                }

                var isRemoved = ask.Apply && await check.Remove(found, CancellationToken.None);
                items.Add(new StorageDisagreement(
                    JsonNamingPolicy.KebabCaseLower.ConvertName(found.Fault.ToString()), found.Stored.Key.Value,
                    found.Stored.SizeBytes, found.Stored.StoredAt, isRemoved, found.Event));
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            isComplete = false;
        }

        return new StorageReport(items, items.Count, items.Count(one => one.Removed), isComplete);
    }
}
