using System.Text.Json;
using MediatR;
using Microsoft.Extensions.Logging;
using No = EventFiles.Features.Bulk.BulkRejection;

namespace EventFiles.Features.Bulk;

/// <summary>
/// Does one thing with many entries, each in a transaction of its own and by the rules of its slice: what one of them is
/// refused holds up no other.
/// </summary>
internal sealed partial class BulkHandler(
    IStreams streams, IEnumerable<IBulkAction> actions, IEnumerable<IRefusals> refusals, TimeProvider clock, ILogger<BulkHandler> log) :
    IRequestHandler<DoInBulk, Answer<BulkOutcomes>>
{
    // Appends that come at once share a commit; more of them would crowd out other people's.
    private const int AtOnce = 8;

    // Once it has begun nothing ends it early, also nobody who hangs up: what became of each entry is kept for whoever
    // comes again.
    public async Task<Answer<BulkOutcomes>> Handle(DoInBulk ask, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var order = new BulkOrder(ask.By, ask.Folder, ask.Tag);
        var outcomes = new BulkOutcome[ask.Items!.Count];
        await Parallel.ForAsync(
            0, outcomes.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (at, cancel) =>
            {
                var refused = await One(ask.Verb, ask.Items[at], order, cancel);
                if (refused is not null)
                    Tell(ask, ask.Items[at], refused);
                outcomes[at] = new BulkOutcome(ask.Items[at], refused?.Code, refused?.Kind ?? default, refused?.Detail);
            });

        // In the log stands that it was asked, and with it, for who repeats the request, what was answered.
        var bulk = Guid.CreateVersion7(clock.GetUtcNow());
        return await streams.Transact<BulkOutcomes>(
            async transaction => await transaction.Decide(
                BulkDecider.StreamOf(bulk, ask.By.Account), BulkDecider.Decider,
                new BulkCommand.End(
                    bulk, JsonNamingPolicy.CamelCase.ConvertName(ask.Verb.ToString()), outcomes.Length,
                    outcomes.Count(outcome => outcome.Code is not null))) is { } no
                ? no
                : new BulkOutcomes(outcomes),
            CancellationToken.None);
    }

    // The whole is answered with yes; what one of them was refused is told as if it had been asked by itself.
    private void Tell(DoInBulk ask, BulkItem item, Rejection refused)
    {
        if (Origin.Current is not { Address: { } address } origin)
            return;
        var about = item.Kind == BulkKind.Folder
            ? new RequestTarget(null, new FolderId(item.Id), null)
            : new RequestTarget(new FileId(item.Id), null, null);
        foreach (var one in refusals)
            one.Tell(new RefusedRequest(nameof(DoInBulk), refused.Code, ask.By.Account, null, about, address, origin.CorrelationId));
    }

    private async Task<Rejection?> One(BulkVerb verb, BulkItem item, BulkOrder order, CancellationToken cancel)
    {
        if (actions.FirstOrDefault(one => one.Verb == verb && one.OfFolders == (item.Kind == BulkKind.Folder)) is not { } action)
            return No.NotWithThese;
        try
        {
            return (await action.Do(item.Id, order, cancel)).Refusal;
        }
        catch (Exception failure) when (failure is TransientException or ObjectStoreAwayException)
        {
            return No.NotNow;
        }
        catch (Exception failure)
        {
            // The others have their results all the same.
            Failed(log, failure, verb, item.Kind, item.Id);
            return No.Broken;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Verb} of {Kind} {Id} failed among others")]
    private static partial void Failed(ILogger log, Exception failure, BulkVerb verb, BulkKind kind, Guid id);
}
