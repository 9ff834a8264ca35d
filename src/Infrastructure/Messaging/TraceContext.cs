using System.Diagnostics;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>The trace that work belongs to, across queues and processes.</summary>
internal static class TraceContext
{
    /// <summary>
    /// The trace of the request that led to it goes on in the work that follows; its span has ended, so the parent is a
    /// nameless one.
    /// </summary>
    public static ActivityContext Of(string? correlationId) =>
        correlationId is { Length: 32 } trace && trace.All(char.IsAsciiHexDigitLower)
            ? new(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, null, true)
            : default;

    /// <summary>As it stands in a message's <c>traceparent</c>; if that says nothing, by the correlation id.</summary>
    public static ActivityContext Of(string? traceParent, string? correlationId) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var sender) ? sender : Of(correlationId);

    /// <summary>W3C's text form; null when there is no trace.</summary>
    public static string? Text(ActivityContext context) => context == default
        ? null
        : $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
}
