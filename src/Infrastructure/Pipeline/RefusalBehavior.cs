using System.Collections.Immutable;
using EventFiles.Infrastructure.Auditing;
using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>
/// Tells of what clients are refused. Of questions only where the answer is that they may not ask: that something is not
/// there is no deed of anybody's.
/// </summary>
internal sealed class RefusalBehavior<TRequest, TResponse>(IEnumerable<IRefusals> refusals) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    // What is longer is nobody's address, and would be held in memory for a whole window.
    private const int LongestEmail = 1024;

    private readonly IRefusals[] refusals = [.. refusals];

    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        // A request that asks others by the way is refused with what one of them was refused: that is told once.
        var isOutermost = RefusalsTold.Current is null;
        if (isOutermost)
            RefusalsTold.Current = new RefusalsTold();
        var told = RefusalsTold.Current!;
        var answer = await next();
        if (answer.Refusal is not { } why || Origin.Current is not { Address: { } address } origin || !IsDeed(origin, why.Kind))
            return answer;
        if (isOutermost && told.Has(why.Code))
            return answer;
        told.Add(why.Code);
        foreach (var one in refusals)
        {
            one.Tell(new RefusedRequest(
                origin.Request ?? typeof(TRequest).Name, why.Code, origin.Actor, request is ISignsIn { Email: { Length: <= LongestEmail } email } ? email : null,
                RequestTargets.Of(request), address, origin.CorrelationId)
            {
                Claimed = (request as ISignsIn)?.Claimed,
            });
        }

        return answer;
    }

    private static bool IsDeed(Origin origin, RejectionKind kind) =>
        !origin.IsQuestion || kind is RejectionKind.Forbidden or RejectionKind.Unauthenticated or RejectionKind.Busy;
}

/// <summary>What was told of while one request was answered, by those that it asked by the way.</summary>
internal sealed class RefusalsTold
{
    private static readonly AsyncLocal<RefusalsTold?> Flowing = new();

    private ImmutableHashSet<string> codes = [];

    public static RefusalsTold? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Each of them is told of, also where several are refused the same.</summary>
    public void Add(string code) => ImmutableInterlocked.Update(ref codes, told => told.Add(code));

    public bool Has(string code) => codes.Contains(code);
}
