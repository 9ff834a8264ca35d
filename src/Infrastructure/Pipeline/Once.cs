using System.Collections.Concurrent;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>
/// Lets a request with a key have its effect once, whichever nodes it comes to and however often. What decides is the key
/// in the append's own transaction; what is done before it spares work, and what is done after it finds out who was first.
/// </summary>
internal sealed class Once(AnsweredRequests answered)
{
    private readonly ConcurrentDictionary<string, RepeatableRequest> underWay = new(StringComparer.Ordinal);

    /// <summary>The answer of <paramref name="ask"/>, or the one that the same request had before.</summary>
    /// <param name="content">The request, when it can only be told from others by reading what it brings.</param>
    public async Task<TAnswer> Ask<TAnswer>(
        RepeatableRequest asked, Func<Task<TAnswer>> ask, IBringsContent? content, CancellationToken cancel)
        where TAnswer : IAnswer<TAnswer>
    {
        var first = underWay.GetOrAdd(asked.Name, asked);
        if (!ReferenceEquals(first, asked))
            return TAnswer.Refuse(asked.IsSame(first.Fingerprint) ? IdempotencyRejection.UnderWay : IdempotencyRejection.Reused);
        try
        {
            if (await answered.Find(asked, cancel) is { } before)
                return await Again<TAnswer>(asked, before, content, cancel);
            RepeatableRequest.Current = asked;
            var answer = await ask();

            // On another node the same request may have been faster: then its effect is the reason of this refusal.
            // What was brought is read by now and cannot be compared; the client asks once more.
            if (answer.Refusal is null || await answered.Find(asked, CancellationToken.None) is not { } meanwhile)
                return answer;
            return content is null
                ? await Again<TAnswer>(asked, meanwhile, null, cancel)
                : TAnswer.Refuse(IdempotencyRejection.UnderWay);
        }
        finally
        {
            underWay.TryRemove(asked.Name, out _);
        }
    }

    private async Task<TAnswer> Again<TAnswer>(
        RepeatableRequest asked, AnsweredRequest before, IBringsContent? content, CancellationToken cancel)
        where TAnswer : IAnswer<TAnswer>
    {
        if (!asked.IsSame(before.Fingerprint))
            return TAnswer.Refuse(IdempotencyRejection.Reused);
        var reply = answered.Open(asked, before);
        return content is null || await content.IsAnsweredBy(reply, cancel)
            ? TAnswer.Say(reply, before.Position)
            : TAnswer.Refuse(IdempotencyRejection.Reused);
    }
}
