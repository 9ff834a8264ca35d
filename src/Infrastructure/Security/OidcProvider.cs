using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Any OpenID Connect provider: discovered at its issuer, asked for a code with PKCE, believed by its published keys.
/// </summary>
internal sealed partial class OidcProvider(OidcSettings settings, TimeProvider clock, ILogger<OidcProvider> log) : IIdentityProvider, IDisposable
{
    private const int MaxReplyBytes = 1 << 20;

    // How long what the provider publishes of itself is believed, and how often a token may make us look again.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim gate = new(1);
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxReplyBytes,
    };

    private Published? published;

    public string Name => settings.Name;

    string? IIdentityProvider.Name => settings.Name;

    public async Task<(Uri Address, ProviderErrand Errand)> Begin(CancellationToken cancel)
    {
        var known = await Known(Fresh, cancel);
        var errand = new ProviderErrand(Random(), Random(), Random());
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(errand.Verifier)));
        var query = string.Join('&', new (string Name, string Value)[]
        {
            ("response_type", "code"), ("client_id", settings.Client), ("redirect_uri", settings.Callback.AbsoluteUri),
            ("scope", "openid email profile"), ("state", errand.State), ("nonce", errand.Nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        }.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        return (new Uri($"{known.Authorization}{(known.Authorization.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}"), errand);
    }

    public async Task<ProvedIdentity?> Prove(string code, ProviderErrand errand, CancellationToken cancel)
    {
        var known = await Known(Fresh, cancel);
        using var ask = new HttpRequestMessage(HttpMethod.Post, known.Token)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = settings.Callback.AbsoluteUri,
                ["code_verifier"] = errand.Verifier,
            }),
        };
        // RFC 6749, 2.3.1: both are form-encoded first.
        ask.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(
            Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(settings.Client)}:{WebUtility.UrlEncode(settings.Secret)}")));
        using var reply = await Send(ask, cancel);
        if (!reply.IsSuccessStatusCode || await Json(reply, cancel) is not { } said
            || !said.TryGetProperty("id_token", out var held) || held.GetString() is not { } token)
        {
            NotExchanged(log, (int)reply.StatusCode);
            return null;
        }

        // The provider may have a new key since we looked.
        if (IdToken.KeyId(token) is { Length: > 0 } kid && !known.Keys.GetRawText().Contains(kid, StringComparison.Ordinal))
            known = await Known(LookAgain, cancel);
        var identity = IdToken.Verify(token, known.Keys, known.Issuer, settings.Client, errand.Nonce, clock.GetUtcNow());
        if (identity is null)
            NotBelieved(log);
        return identity;
    }

    public void Dispose()
    {
        http.Dispose();
        gate.Dispose();
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private async Task<Published> Known(TimeSpan young, CancellationToken cancel)
    {
        if (published is { } known && clock.GetElapsedTime(known.At) < young)
            return known;
        await gate.WaitAsync(cancel);
        try
        {
            if (published is { } meanwhile && clock.GetElapsedTime(meanwhile.At) < young)
                return meanwhile;
            return published = await Look(cancel);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Published> Look(CancellationToken cancel)
    {
        var at = clock.GetTimestamp();
        var of = await Get(new Uri($"{settings.Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration"), cancel);
        string Said(string name) => of.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text
            ? text
            : throw new TransientException($"The identity provider does not say its {name}.");
        // Discovery 4.3: it must be the one that was asked.
        if (Said("issuer").TrimEnd('/') != settings.Issuer.AbsoluteUri.TrimEnd('/'))
            throw new TransientException("The identity provider calls itself otherwise than OIDC_ISSUER.");
        return new Published(
            at, Said("issuer"), Said("authorization_endpoint"), new Uri(Said("token_endpoint")), await Get(new Uri(Said("jwks_uri")), cancel));
    }

    private async Task<JsonElement> Get(Uri address, CancellationToken cancel)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, address);
        using var reply = await Send(ask, cancel);
        return reply.IsSuccessStatusCode && await Json(reply, cancel) is { } said
            ? said
            : throw new TransientException($"The identity provider answers {(int)reply.StatusCode}.");
    }

    private async Task<HttpResponseMessage> Send(HttpRequestMessage ask, CancellationToken cancel)
    {
        try
        {
            ask.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            return await http.SendAsync(ask, cancel);
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new TransientException("The identity provider does not answer.", away);
        }
    }

    private static async Task<JsonElement?> Json(HttpResponseMessage reply, CancellationToken cancel)
    {
        try
        {
            using var json = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(cancel));
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The identity provider did not exchange a code: {Status}")]
    private static partial void NotExchanged(ILogger log, int status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The identity provider's token is not good")]
    private static partial void NotBelieved(ILogger log);

    private sealed record Published(long At, string Issuer, string Authorization, Uri Token, JsonElement Keys);
}

/// <summary>Nobody vouches for anybody.</summary>
internal sealed class NoProvider : IIdentityProvider
{
    public string? Name => null;

    public Task<(Uri Address, ProviderErrand Errand)> Begin(CancellationToken cancel) => throw new InvalidOperationException("There is no provider.");

    public Task<ProvedIdentity?> Prove(string code, ProviderErrand errand, CancellationToken cancel) => throw new InvalidOperationException("There is no provider.");
}
