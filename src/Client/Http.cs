using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Client;

/// <summary>One request and what its reply means.</summary>
internal static class Http
{
    private const string ProblemPrefix = "urn:eventfiles:problem:";
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(15);

    /// <summary>What a server waits with its replies at most, until the reads that follow show what was done.</summary>
    private const string WaitForReads = "wait=30";

    private static readonly HttpClient Anywhere = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectWithin,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>A client of one server, without a token.</summary>
    /// <param name="address">Ends with a slash.</param>
    public static HttpClient Client(Uri address)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            // A token and a file go to the server that was named and to no other.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectWithin,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Add("Prefer", WaitForReads);
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"eventfiles files ({Environment.MachineName})");
        return http;
    }

    /// <summary>Sends a request; the reply's body is still to be read.</summary>
    /// <exception cref="NotNowException">It may work when it is tried again.</exception>
    /// <exception cref="NotDoneException">The server refuses.</exception>
    public static async Task<HttpResponseMessage> Send(HttpClient http, HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage reply;
        try
        {
            reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (Exception failure) when (IsOfTheLine(failure, cancel))
        {
            throw Unreachable(http.BaseAddress!, failure);
        }

        if (reply.IsSuccessStatusCode)
            return reply;
        using (reply)
            throw await Refusal(reply, cancel);
    }

    /// <summary>
    /// Sends a request to an address that the server gave out, of whatever machine: without a token and without a word of
    /// who sends it.
    /// </summary>
    /// <exception cref="NotNowException">It was not taken. Another address may help.</exception>
    public static async Task SendAnywhere(HttpRequestMessage request, CancellationToken cancel)
    {
        var place = request.RequestUri!;
        try
        {
            using var reply = await Anywhere.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (!reply.IsSuccessStatusCode)
            {
                var refusal = await Refusal(reply, cancel);
                throw refusal as NotNowException ?? new NotNowException((NotDoneException)refusal);
            }
        }
        catch (Exception failure) when (IsOfTheLine(failure, cancel))
        {
            throw Unreachable(place, failure);
        }
    }

    /// <summary>The JSON of a reply.</summary>
    public static async Task<T> Read<T>(HttpResponseMessage reply, CancellationToken cancel)
    {
        try
        {
            return await reply.Content.ReadFromJsonAsync<T>(cancel)
                ?? throw new JsonException("There is nothing in it.");
        }
        catch (JsonException other)
        {
            throw new NotDoneException(
                ExitCodes.SomeFailed, "client.strange-reply", "This does not look like an EventFiles server",
                $"{reply.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)}: {other.Message}", other);
        }
        catch (Exception failure) when (IsOfTheLine(failure, cancel))
        {
            throw Unreachable(reply.RequestMessage!.RequestUri!, failure);
        }
    }

    /// <summary>Whether the connection broke or never came to be.</summary>
    public static bool IsOfTheLine(Exception failure, CancellationToken cancel) => failure switch
    {
        HttpRequestException or HttpIOException or IOException => true,
        OperationCanceledException => !cancel.IsCancellationRequested,
        _ => false,
    };

    public static NotNowException Unreachable(Uri server, Exception failure) => new(new NotDoneException(
        ExitCodes.Away, "client.unreachable", "The server cannot be reached",
        $"{server.GetLeftPart(UriPartial.Authority)}: {failure.GetBaseException().Message}", failure));

    private static async Task<Exception> Refusal(HttpResponseMessage reply, CancellationToken cancel)
    {
        var status = (int)reply.StatusCode;
        var problem = await Problem(reply, cancel);
        var code = problem?.Type?.StartsWith(ProblemPrefix, StringComparison.Ordinal) == true
            ? problem.Type[ProblemPrefix.Length..] : string.Create(CultureInfo.InvariantCulture, $"status-{status}");
        var fields = problem?.Errors?.SelectMany(field => field.Value.Select(why => $" {field.Key}: {why}")) ?? [];
        var lastly = new NotDoneException(
            ExitCodes.Of(status), code, problem?.Title ?? reply.ReasonPhrase ?? "Refused", problem?.Detail + string.Concat(fields));
        // Half-done, busy, away: whoever comes again may be lucky. What is damaged stays so.
        return (status is 429 or 500 or 502 or 503 or 504 && code != "files.damaged") || code is "upload.in-use" or "upload.wrong-offset" or "upload.missing-part" or "upload.delivered"
            ? new NotNowException(lastly, RetryAfter(reply))
            : lastly;
    }

    private static async Task<Problem?> Problem(HttpResponseMessage reply, CancellationToken cancel)
    {
        if (reply.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return null;
        try
        {
            return await reply.Content.ReadFromJsonAsync<Problem>(cancel);
        }
        catch (Exception failure) when (failure is JsonException || IsOfTheLine(failure, cancel))
        {
            return null;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage reply) => reply.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - TimeProvider.System.GetUtcNow(),
        _ => null,
    };
}

/// <summary>Problem details as RFC 9457 has them.</summary>
internal sealed record Problem(string? Type, string? Title, string? Detail, Dictionary<string, string[]>? Errors);
