using System.Diagnostics;

namespace EventFiles.Host.Web;

/// <summary>
/// What a line of the log says of the request in which it was written: its id and those of the trace. Its path is left out: the
/// path of a public link has the link's secret in it.
/// </summary>
internal sealed class LogScopes : IExternalScopeProvider
{
    private const string Path = "RequestPath";

    private readonly LoggerExternalScopeProvider scopes = new();

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } now)
        {
            callback(
                new LogScope([new("SpanId", now.SpanId.ToHexString()), new("TraceId", now.TraceId.ToHexString()), new("ParentId", now.ParentSpanId.ToHexString())]),
                state);
        }

        scopes.ForEachScope(callback, state);
    }

    public IDisposable Push(object? state) => scopes.Push(
        state is IEnumerable<KeyValuePair<string, object?>> said && said.Any(one => one.Key == Path)
            ? new LogScope([.. said.Where(one => one.Key != Path)])
            : state);

    // Formatters take what it lists, and what it says as its text.
    private sealed class LogScope(List<KeyValuePair<string, object?>> said) : List<KeyValuePair<string, object?>>(said)
    {
        public override string ToString() => string.Join(", ", this.Select(one => $"{one.Key}:{one.Value}"));
    }
}
