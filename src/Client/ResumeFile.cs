using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Client;

/// <summary>
/// What is remembered of one transfer as long as it is not over, so that another process can go on with it. Whoever has it
/// open is the only one at that transfer.
/// </summary>
/// <typeparam name="T">What is remembered.</typeparam>
internal sealed class ResumeFile<T> : IDisposable
    where T : class
{
    private readonly FileStream file;

    private ResumeFile(FileStream file, T? value) => (this.file, Value) = (file, value);

    /// <summary>Null while nothing is.</summary>
    public T? Value { get; private set; }

    /// <summary>Opens what is remembered of the transfer that these texts name together.</summary>
    /// <exception cref="NotDoneException">Another process is at it.</exception>
    public static ResumeFile<T> Open(string kind, params string[] key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', key))));
        var path = Path.Combine(ResumeFiles.Folder, kind, $"{name}.json");
        FileStream opened;
        try
        {
            opened = PrivateFile.OpenAlone(path);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw NotDoneException.Local(path, failure);
        }
        catch (IOException)
        {
            throw NotDoneException.Refused("client.in-use", "Another process transfers this file at the moment.");
        }

        try
        {
            return new ResumeFile<T>(opened, opened.Length == 0 ? null : JsonSerializer.Deserialize<T>(opened, JsonSerializerOptions.Web));
        }
        catch (JsonException)
        {
            return new ResumeFile<T>(opened, null); // a crash cut it off: the transfer begins anew
        }
    }

    /// <summary>Remembers; it is on the disk when this returns.</summary>
    public void Write(T value)
    {
        Value = value;
        file.SetLength(0);
        JsonSerializer.Serialize(file, value, JsonSerializerOptions.Web);
        file.Flush(flushToDisk: true);
    }

    /// <summary>There is nothing to go on with.</summary>
    public void Forget()
    {
        Value = null;
        file.SetLength(0);
    }

    public void Dispose()
    {
        if (Value is null)
            File.Delete(file.Name);
        file.Dispose();
    }
}

/// <summary>Where unfinished transfers are remembered.</summary>
internal static class ResumeFiles
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public static string Folder { get; } = PrivateFile.Folder("XDG_STATE_HOME", Path.Combine(".local", "state"));

    /// <summary>Forgets what no server goes on with any more.</summary>
    public static void Tidy()
    {
        if (!Directory.Exists(Folder))
            return;
        var old = TimeProvider.System.GetUtcNow().UtcDateTime - Kept;
        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles("*.json", SearchOption.AllDirectories).Where(file => file.LastWriteTimeUtc < old))
            file.Delete();
    }
}
