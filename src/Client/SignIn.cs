using System.Text.Json;

namespace EventFiles.Client;

/// <summary>What is remembered of a sign-in. Not a record: it holds secrets.</summary>
internal sealed class SignIn
{
    /// <summary>The server's address.</summary>
    public required Uri Url { get; init; }

    public required string Email { get; init; }

    /// <summary>Good for one exchange.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>Good until <see cref="AccessUntil"/>; kept so that not every command needs an exchange.</summary>
    public required string AccessToken { get; init; }

    public required DateTimeOffset AccessUntil { get; init; }
}

/// <summary>The file that holds the sign-in, and the lock beside it that lets one process at a time exchange its token.</summary>
internal static class SignInFile
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);

    public static string Location { get; } = Path.Combine(PrivateFile.Folder("XDG_CONFIG_HOME", ".config"), "login.json");

    /// <summary>What is remembered; null when nobody is signed in.</summary>
    /// <exception cref="NotDoneException">The file cannot be read.</exception>
    public static SignIn? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<SignIn>(File.ReadAllBytes(Location), JsonSerializerOptions.Web);
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw NotDoneException.NotSignedIn($"{Location} cannot be read; sign in again: eventfiles files login URL");
        }
    }

    public static void Write(SignIn signIn) => PrivateFile.Write(Location, JsonSerializer.SerializeToUtf8Bytes(signIn, JsonSerializerOptions.Web));

    public static void Delete() => File.Delete(Location);

    /// <summary>Whoever has it may exchange the token and write the file.</summary>
    public static async Task<IDisposable> Lock(CancellationToken cancel)
    {
        try
        {
            return await PrivateFile.WaitAlone($"{Location}.lock", LockPatience, cancel);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotDoneException.Local($"{Location}.lock", failure);
        }
    }
}
