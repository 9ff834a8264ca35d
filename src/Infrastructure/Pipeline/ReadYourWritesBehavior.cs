using EventFiles.Infrastructure.ReadModels;
using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>Whether requests wait until readers see what they wrote; flows with the asynchronous call.</summary>
public static class ReadYourWrites
{
    /// <summary>The longest wait of whoever asks for no other. A reply is not held up by a projection that is stuck.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that can be asked for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly AsyncLocal<bool> Flowing = new();
    private static readonly AsyncLocal<TimeSpan?> Asked = new();

    /// <summary>True for clients that asked with <c>Prefer: respond-async</c>, and for work from a queue.</summary>
    public static bool Skip
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>
    /// How long this request waits at most: longer for clients that asked with <c>Prefer: wait</c>, never shorter, so that
    /// what takes a right away is seen by the next request.
    /// </summary>
    public static TimeSpan AtMost
    {
        get => Asked.Value ?? Usual;
        set => Asked.Value = TimeSpan.FromTicks(Math.Clamp(value.Ticks, Usual.Ticks, Longest.Ticks));
    }
}

/// <summary>After a request that wrote: its caller's next read shows it.</summary>
internal sealed class ReadYourWritesBehavior<TRequest, TResponse>(IReadPosition readers) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var answer = await next();
        // What was written stands, whether or not the caller is still there: the wait is not cancelled.
        if (answer.EventPosition > 0 && !ReadYourWrites.Skip && request is not IWork)
            await readers.Reached(answer.EventPosition, ReadYourWrites.AtMost, CancellationToken.None);
        return answer;
    }
}
