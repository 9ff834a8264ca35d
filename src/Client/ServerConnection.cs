using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace EventFiles.Client;

/// <summary>A server and who asks it.</summary>
internal sealed class ServerConnection(HttpClient http, ICredentials credentials, string account) : IDisposable
{
    /// <summary>For a server that has answered before; one that never did is asked less often.</summary>
    private const int Tries = 8;

    private const int FirstTries = 3;
    private static readonly TimeSpan ReplyWithin = TimeSpan.FromSeconds(100);
    private volatile bool hasAnswered;

    public Uri Address => http.BaseAddress!;

    /// <summary>Tells what one account began from what another did, on one server.</summary>
    public string Account => account;

    /// <summary>The connection that the environment or the remembered sign-in gives.</summary>
    /// <exception cref="NotDoneException">Neither gives one.</exception>
    public static ServerConnection Open()
    {
        var (url, token) = (Environment.GetEnvironmentVariable("EVENTFILES_URL"), Environment.GetEnvironmentVariable("EVENTFILES_TOKEN"));
        if (!string.IsNullOrEmpty(token))
        {
            var server = AddressOf(!string.IsNullOrEmpty(url) ? url
                : throw NotDoneException.Usage("EVENTFILES_TOKEN is for one server: name it in EVENTFILES_URL."));
            return new ServerConnection(Http.Client(server), new GivenToken(token), "");
        }

        if (SignInFile.Read() is not { } signIn)
            throw NotDoneException.NotSignedIn("Sign in first: eventfiles files login URL");
        if (!string.IsNullOrEmpty(url) && AddressOf(url) != signIn.Url)
            throw NotDoneException.NotSignedIn($"EVENTFILES_URL names another server than the one you are signed in at, {signIn.Url}.");
        var http = Http.Client(signIn.Url);
        return new ServerConnection(http, new RememberedSignIn(signIn, http), signIn.Email);
    }

    /// <summary>A server's address, with the slash that relative addresses need.</summary>
    /// <exception cref="NotDoneException">It is none.</exception>
    public static Uri AddressOf(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute, out var url)
        && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            ? new Uri(url.AbsoluteUri.TrimEnd('/') + "/")
            : throw NotDoneException.Usage("A server's address is like https://files.example.org, without a name or a password in it.");

    public Patience NewPatience() => new(() => hasAnswered ? Tries : FirstTries);

    /// <summary>Sends a request once; when its token is refused, once more with another.</summary>
    /// <exception cref="NotNowException">It may work when it is tried again.</exception>
    /// <exception cref="NotDoneException">The server refuses.</exception>
    public async Task<HttpResponseMessage> SendOnce(Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var token = await credentials.Token(cancel);
            using var request = make();
            request.Headers.Authorization = new("Bearer", token);
            try
            {
                var reply = await Http.Send(http, request, cancel);
                hasAnswered = true;
                return reply;
            }
            catch (NotDoneException refused) when (refused.ExitCode == ExitCodes.NotSignedIn && !isSecond)
            {
                if (!await credentials.Renew(token, cancel))
                    throw;
            }
        }
    }

    public Task<T> Get<T>(string path, CancellationToken cancel) => Ask<T>(() => new(HttpMethod.Get, path), cancel);

    /// <summary>A POST that has its effect once, however often it has to be sent.</summary>
    public Task<T> Post<T>(string path, object body, CancellationToken cancel)
    {
        var key = Guid.NewGuid().ToString();
        return Ask<T>(() => new(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } }, cancel);
    }

    /// <summary>A DELETE that has something to tell.</summary>
    public Task<T> Delete<T>(string path, CancellationToken cancel) => Ask<T>(() => new(HttpMethod.Delete, path), cancel);

    /// <summary>All of a list, page by page.</summary>
    /// <param name="path">Of the list, with what it is asked for and without <c>limit</c> and <c>cursor</c>.</param>
    /// <param name="most">How many a page has at most.</param>
    public async IAsyncEnumerable<T> Pages<T>(string path, int most, [EnumeratorCancellation] CancellationToken cancel)
    {
        path = string.Create(CultureInfo.InvariantCulture, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={most}");
        string? cursor = null;
        do
        {
            var page = await Get<PageReply<T>>(cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}", cancel);
            foreach (var one in page.Items)
                yield return one;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>A request whose reply has nothing to tell.</summary>
    /// <param name="body">Makes what goes with it, for every try anew.</param>
    public async Task Tell(HttpMethod method, string path, CancellationToken cancel, Func<HttpContent>? body = null) => await Patiently(
        async within => (await SendOnce(() => new(method, path) { Content = body?.Invoke() }, within)).Dispose(), cancel);

    public void Dispose() => http.Dispose();

    private async Task<T> Ask<T>(Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        T? answer = default;
        await Patiently(
            async within =>
            {
                using var reply = await SendOnce(make, within);
                answer = await Http.Read<T>(reply, within);
            },
            cancel);
        return answer!;
    }

    private async Task Patiently(Func<CancellationToken, Task> ask, CancellationToken cancel)
    {
        for (var patience = NewPatience(); ;)
        {
            using var within = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            within.CancelAfter(ReplyWithin);
            try
            {
                await ask(within.Token);
                return;
            }
            catch (NotNowException why)
            {
                await patience.Wait(why, cancel);
            }
            catch (OperationCanceledException slow) when (!cancel.IsCancellationRequested)
            {
                await patience.Wait(Http.Unreachable(Address, slow), cancel);
            }
        }
    }

    private sealed record PageReply<T>(IReadOnlyList<T> Items, string? NextCursor);
}
