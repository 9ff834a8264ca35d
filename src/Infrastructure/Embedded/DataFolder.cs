using System.Globalization;

namespace EventFiles.Infrastructure.Embedded;

/// <summary>
/// The folder in which an embedded server keeps everything. One server at a time: the lock is the kernel's, so a killed
/// server leaves none behind.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream taken;

    private DataFolder(string path, FileStream taken)
    {
        Path = path;
        this.taken = taken;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string Objects => ObjectsIn(Path);

    public string Keys => KeysIn(Path);

    public string Postgres => PostgresIn(Path);

    /// <summary>Where a data folder's database cluster is.</summary>
    public static string PostgresIn(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "postgres");

    /// <summary>Where a data folder's objects are.</summary>
    public static string ObjectsIn(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "objects");

    /// <summary>Where a data folder's keys are.</summary>
    public static string KeysIn(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "keys");

    /// <summary>Where a data folder's era keys are. Not among its other keys: no backup may hold them.</summary>
    public static string EraKeysIn(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "era-keys");

    /// <summary>Makes the folder if need be and takes it for this process.</summary>
    /// <exception cref="EmbeddedException">Another server has it, or it cannot be written.</exception>
    public static DataFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            var held = new FileStream(
                System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, System.IO.FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            var folder = new DataFolder(path, held);
            Directory.CreateDirectory(folder.Objects);
            Directory.CreateDirectory(folder.Keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }
        catch (IOException) when (IsTaken(path))
        {
            throw new EmbeddedException(
                $"Another EventFiles server{Holder(path)} is running on the data folder {path}. " +
                "Stop it first, or choose another folder with --data.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedException($"The data folder {path} cannot be used: {failure.Message}");
        }
    }

    /// <summary>
    /// Ties the folder to one database for good. Objects that the database does not know are removed in time: those of
    /// another one must not lie here.
    /// </summary>
    /// <param name="database">What tells the database from all others; null for the folder's own.</param>
    /// <exception cref="EmbeddedException">The folder belongs to another.</exception>
    public void TieTo(string? database)
    {
        var file = System.IO.Path.Combine(Path, "database");
        var tiedTo = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        if (database is null && tiedTo is not null)
        {
            throw new EmbeddedException(
                $"The data folder {Path} holds the objects of a database elsewhere. Name it with DATABASE_URL, or choose another folder with --data.");
        }

        if (database is null || database == tiedTo)
            return;
        if (tiedTo is not null || Directory.Exists(Postgres))
        {
            throw new EmbeddedException(
                $"The data folder {Path} holds the objects of another database than DATABASE_URL names. Choose another folder with --data.");
        }

        File.WriteAllText(file, database + "\n");
    }

    /// <summary>Whether a server has the folder now.</summary>
    public static bool IsTaken(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        if (!File.Exists(file))
            return false;
        try
        {
            using var probe = new FileStream(file, FileMode.Open, System.IO.FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => taken.Dispose();

    // Reading past the lock is allowed to fail: the number is only a help.
    private static string Holder(string path)
    {
        try
        {
            using var file = new FileStream(
                System.IO.Path.Combine(path, "lock"), FileMode.Open, System.IO.FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = new StreamReader(file);
            return $" (process {text.ReadToEnd().Trim()})";
        }
        catch (IOException)
        {
            return "";
        }
    }
}

/// <summary>The embedded server cannot start, for a reason the person at the terminal can mend.</summary>
public sealed class EmbeddedException(string message) : Exception(message);
