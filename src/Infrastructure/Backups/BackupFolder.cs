using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Backups;

/// <summary>
/// The folder of a backup, for one command at a time and for its owner's eyes only:
/// <c>manifest.json</c>, the log, the list of objects, and the folders <c>objects</c> and <c>keys</c>.
/// </summary>
internal sealed class BackupFolder : IDisposable
{
    public const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    public const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string ManifestName = "manifest.json";
    private const string LockName = "lock";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly string path;
    private readonly FileStream taken;
    private readonly DirectoryObjects objects;

    private BackupFolder(string path, FileStream taken)
    {
        (this.path, this.taken) = (path, taken);
        objects = new DirectoryObjects(Path.Combine(path, "objects"));
    }

    public IObjects Objects => objects;

    public string Keys => Path.Combine(path, "keys");

    /// <summary>Takes a folder in which there is a backup, or nothing yet.</summary>
    /// <exception cref="BackupException">It holds something else, or another command has it.</exception>
    public static BackupFolder ToWrite(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(path, OwnersFolder);
        if (Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).FirstOrDefault(name => !IsOurs(name!)) is { } strange)
            throw new BackupException(BackupException.PlaceTaken, $"{path} holds something that is no part of a backup: {strange}. Name a folder for the backup alone.");
        File.SetUnixFileMode(path, OwnersFolder);
        return Take(path);
    }

    /// <summary>Takes the folder of a backup.</summary>
    /// <exception cref="BackupException">There is none, or another command has it.</exception>
    public static BackupFolder ToRead(string path)
    {
        path = Path.GetFullPath(path);
        return File.Exists(Path.Combine(path, ManifestName)) ? Take(path)
            : throw new BackupException(BackupException.NoManifest, $"{path} holds no backup, or one that was never finished: there is no {ManifestName}.");
    }

    /// <summary>The manifest, as it was written.</summary>
    /// <exception cref="BackupException">It is not as it was written, or of another format.</exception>
    public async Task<BackupManifest> ReadManifest(CancellationToken cancel)
    {
        var line = await File.ReadAllBytesAsync(Path.Combine(path, ManifestName), cancel);
        if (line is not [.., (byte)'\n'] || !LogFile.IsWhole(line.AsSpan()[..^1]))
            throw new BackupException(BackupException.Damaged, $"{ManifestName} is not as it was written: its sum is another.");
        var manifest = JsonSerializer.Deserialize<BackupManifest>(line, Json)!;
        return manifest is { Backup: BackupManifest.Ours, Format: BackupManifest.OurFormat }
            ? manifest
            : throw new BackupException(BackupException.OtherFormat, FormattableString.Invariant(
                $"The backup has the format {manifest.Backup} {manifest.Format}; this program knows {BackupManifest.Ours} {BackupManifest.OurFormat}."));
    }

    /// <summary>What tells this backup from all others, the next one in the same folder included.</summary>
    public async Task<string> Mark(CancellationToken cancel) =>
        "backup " + Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(path, ManifestName), cancel)));

    /// <summary>The manifest of a former backup; null when there is none that can be built on.</summary>
    public async Task<BackupManifest?> Former(CancellationToken cancel)
    {
        try
        {
            return File.Exists(Path.Combine(path, ManifestName)) ? await ReadManifest(cancel) : null;
        }
        catch (BackupException)
        {
            return null; // It is replaced, and what lies here is compared with the log.
        }
    }

    /// <summary>From now on this is the backup.</summary>
    public async Task Write(BackupManifest manifest, CancellationToken cancel)
    {
        var draft = Path.Combine(path, ManifestName + ".draft");
        await WriteOwn(draft, LogFile.Seal(JsonSerializer.SerializeToUtf8Bytes(manifest, Json)), cancel);
        Publish(draft, ManifestName);
    }

    public string FileOf(string name) => Path.Combine(path, name);

    /// <summary>A file that is nothing yet.</summary>
    public string Draft(string name)
    {
        var draft = Path.Combine(path, name + ".draft");
        File.Delete(draft);
        return draft;
    }

    /// <summary>Gives a draft its name, which no file of a former backup has unless it is the same.</summary>
    public void Publish(string draft, string name)
    {
        File.Move(draft, Path.Combine(path, name), overwrite: true);
        DurableWrites.FlushDirectory(path);
    }

    /// <summary>Writes a file for its owner's eyes only, durably.</summary>
    public static async Task WriteOwn(string file, byte[] content, CancellationToken cancel)
    {
        File.Delete(file);
        await using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = System.IO.FileAccess.Write,
            UnixCreateMode = OwnersFile,
        });
        await stream.WriteAsync(content, cancel);
        stream.Flush(flushToDisk: true);
    }

    public static byte[] Line(BackedObject one) => LogFile.Seal(JsonSerializer.SerializeToUtf8Bytes(one, Json));

    /// <summary>The lines of a list, in the order of positions. Whether the list is whole, its sum in the manifest tells.</summary>
    /// <exception cref="BackupException">A line is not as it was written.</exception>
    public static async IAsyncEnumerable<BackedObject> List(string file, [EnumeratorCancellation] CancellationToken cancel)
    {
        var number = 0L;
        await foreach (var line in File.ReadLinesAsync(file, cancel))
        {
            number++;
            var bytes = System.Text.Encoding.UTF8.GetBytes(line);
            if (!LogFile.IsWhole(bytes))
            {
                throw new BackupException(BackupException.Damaged, FormattableString.Invariant(
                    $"Line {number} of {Path.GetFileName(file)} is not as it was written: its sum is another."));
            }

            yield return JsonSerializer.Deserialize<BackedObject>(bytes, Json)!;
        }
    }

    /// <summary>Removes what the manifest does not name: what was deleted since, and what was never finished.</summary>
    public async Task Prune(BackupManifest manifest, CancellationToken cancel)
    {
        foreach (var file in Directory.EnumerateFiles(path).Where(file => Path.GetFileName(file) is not (LockName or ManifestName)))
        {
            if (Path.GetFileName(file) != manifest.Log && Path.GetFileName(file) != manifest.List)
                File.Delete(file);
        }

        if (Directory.Exists(Keys))
        {
            foreach (var file in Directory.EnumerateFiles(Keys).Where(file => manifest.Keys.All(key => key.Name != Path.GetFileName(file))))
                File.Delete(file);
        }

        // Sixteen bytes of each key's digest, whatever its length.
        var named = new HashSet<Guid>();
        await foreach (var one in List(FileOf(manifest.List), cancel))
            named.Add(Short(one.KeyHere));
        await foreach (var one in objects.List("", cancel))
        {
            if (!named.Contains(Short(one.Key)))
                await objects.Delete(one.Key, cancel);
        }
    }

    public void Dispose()
    {
        objects.Dispose();
        taken.Dispose();
    }

    private static Guid Short(ObjectKey key) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key.Value)).AsSpan()[..16]);

    private static bool IsOurs(string name) =>
        name is ManifestName or LockName or "objects" or "keys"
        || name.EndsWith(".draft", StringComparison.Ordinal)
        || (name.EndsWith(".ndjson", StringComparison.Ordinal)
            && (name.StartsWith("log-", StringComparison.Ordinal) || name.StartsWith("objects-", StringComparison.Ordinal)));

    private static BackupFolder Take(string path)
    {
        try
        {
            return new BackupFolder(path, new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, System.IO.FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException held) when (File.Exists(Path.Combine(path, LockName)))
        {
            throw new BackupException(BackupException.InUse, $"Another command is using {path}. {held.Message}");
        }
    }
}
