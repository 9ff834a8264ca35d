using System.Net.Http.Json;

namespace EventFiles.Client;

/// <summary>The token that goes with each request, renewed before it ends.</summary>
internal interface ICredentials
{
    /// <summary>A token that is good for a while.</summary>
    /// <exception cref="NotDoneException">Nobody is signed in any more.</exception>
    Task<string> Token(CancellationToken cancel);

    /// <summary>The server did not take a token: whether there is another one now.</summary>
    Task<bool> Renew(string refused, CancellationToken cancel);
}

/// <summary>A token that whoever started the program brought along.</summary>
internal sealed class GivenToken(string token) : ICredentials
{
    public Task<string> Token(CancellationToken cancel) => Task.FromResult(token);

    public Task<bool> Renew(string refused, CancellationToken cancel) => Task.FromResult(false);
}

/// <summary>
/// The tokens of the sign-in that the machine remembers. A refresh token is good for one exchange: of all processes that use
/// the sign-in one makes it, under a lock, and the others take what it wrote down.
/// </summary>
internal sealed class RememberedSignIn(SignIn signIn, HttpClient http) : ICredentials
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    // A server takes a spent token again for half a minute, because the reply may have been lost.
    private const int Tries = 6;

    private volatile SignIn current = signIn;

    public async Task<string> Token(CancellationToken cancel)
    {
        if (!IsGood(current))
            await Exchange(seen => !IsGood(seen), cancel);
        return current.AccessToken;
    }

    public async Task<bool> Renew(string refused, CancellationToken cancel)
    {
        await Exchange(seen => seen.AccessToken == refused, cancel);
        return true;
    }

    private static bool IsGood(SignIn signIn) => signIn.AccessUntil - Ahead > TimeProvider.System.GetUtcNow();

    private async Task Exchange(Predicate<SignIn> isNeeded, CancellationToken cancel)
    {
        using var alone = await SignInFile.Lock(cancel);
        var stored = SignInFile.Read();
        if (stored is null || stored.Url != current.Url || stored.Email != current.Email)
            throw NotDoneException.NotSignedIn("Somebody signed out meanwhile. Sign in again: eventfiles files login URL");
        current = stored;
        if (!isNeeded(stored))
            return;
        var patience = new Patience(() => Tries);
        while (true)
        {
            try
            {
                current = await Ask(stored, cancel);
                SignInFile.Write(current);
                return;
            }
            catch (NotNowException why)
            {
                await patience.Wait(why, cancel);
            }
        }
    }

    // Not given up halfway, once it is sent: the reply holds the only token that is good from then on.
    private async Task<SignIn> Ask(SignIn stored, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/auth/refresh")
        {
            Content = JsonContent.Create(new { refreshToken = stored.RefreshToken }),
        };
        try
        {
            using var reply = await Http.Send(http, request, CancellationToken.None);
            return (await Http.Read<Tokens>(reply, CancellationToken.None)).For(stored.Url, stored.Email);
        }
        catch (NotDoneException over) when (over.ExitCode == ExitCodes.NotSignedIn)
        {
            throw new NotDoneException(
                ExitCodes.NotSignedIn, over.Code, "The sign-in is over", $"Sign in again: eventfiles files login {stored.Url}", over);
        }
    }
}

/// <summary>The reply of a sign-in and of an exchange.</summary>
internal sealed class Tokens
{
    public required string AccessToken { get; init; }

    public required string RefreshToken { get; init; }

    /// <summary>Seconds.</summary>
    public required int ExpiresIn { get; init; }

    public SignIn For(Uri url, string email) => new()
    {
        Url = url,
        Email = email,
        RefreshToken = RefreshToken,
        AccessToken = AccessToken,
        AccessUntil = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(ExpiresIn),
    };
}
