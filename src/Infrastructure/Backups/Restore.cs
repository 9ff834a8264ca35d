using System.Security.Cryptography;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;
using Npgsql;

namespace EventFiles.Infrastructure.Backups;

/// <summary>
/// Fills an empty store from a backup, of either kind of object store. All of the backup is read and compared with its sums
/// before anything is written, and each object is read back from where it was put. Until all of it is there no server
/// starts on the store; what was interrupted goes on.
/// </summary>
public sealed class Restore : IDisposable
{
    private const int PageSize = 64;
    private const int AtOnce = 8;

    private readonly BackupFolder folder;
    private readonly string mark;
    private readonly FileStream log;
    private readonly LogImport import;
    private readonly Action<BackupProgress> progress;

    private Restore(BackupFolder folder, string mark, BackupManifest manifest, FileStream log, LogImport import, Action<BackupProgress> progress) =>
        (this.folder, this.mark, Manifest, this.log, this.import, this.progress) = (folder, mark, manifest, log, import, progress);

    public BackupManifest Manifest { get; }

    /// <summary>Reads a backup and checks all of it.</summary>
    /// <param name="slices">Whose events they are.</param>
    /// <exception cref="BackupException">It is none, or not as it was written.</exception>
    /// <exception cref="LogFileException">Its log is not as it was written, or this program does not know what is in it.</exception>
    public static async Task<Restore> Of(string path, Slices slices, Action<BackupProgress> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var from = BackupFolder.ToRead(path);
        FileStream? written = null;
        try
        {
            var manifest = await from.ReadManifest(cancel);
            progress(new BackupProgress("verifying the log", 0, 0));
            written = Open(from.FileOf(manifest.Log));
            // What could not be read was in the store too, and held nobody else up there.
            var verified = await LogImport.Of(written, slices, takesUnreadable: true, null, cancel);
            if (verified.Manifest.Sha256 != manifest.LogSha256)
                throw new BackupException(BackupException.Damaged, $"{manifest.Log} is another log than the manifest names.");
            var restore = new Restore(from, await from.Mark(cancel), manifest, written, verified, progress);
            await restore.Verify(cancel);
            return restore;
        }
        catch
        {
            if (written is not null)
                await written.DisposeAsync();
            from.Dispose();
            throw;
        }
    }

    /// <summary>Restores it, or goes on with it.</summary>
    /// <param name="database">Empty, as the role that owns the tables.</param>
    /// <param name="objects">Empty too.</param>
    /// <param name="compression">Of these.</param>
    /// <param name="keys">The folder for the server's keys; null where they follow from a secret.</param>
    /// <param name="privateKeys">What seals there what is told of persons, and knows who was erased.</param>
    /// <exception cref="BackupException">Something is there already, or the object store loses what it is given.</exception>
    public async Task Run(
        NpgsqlDataSource database, IObjects objects, ICompression compression, string? keys, PrivateKeys privateKeys,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(compression);
        if (!await LogImport.IsUnfinished(database, cancel))
            await CheckIsEmpty(database, objects, keys, cancel);
        progress(new BackupProgress("log", 0, 0));
        await import.Run(database, cancel, new ImportedWhole(mark, async stop =>
        {
            await Fill(objects, compression, privateKeys, await ErasedObjects.Of(database, await privateKeys.ErasedFiles(stop), stop), stop);
            await PutKeys(keys, stop);
        }), privateKeys);
    }

    public void Dispose()
    {
        log.Dispose();
        folder.Dispose();
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (FileNotFoundException)
        {
            throw new BackupException(BackupException.Damaged, $"{Path.GetFileName(file)} is missing.");
        }
    }

    private async Task CheckIsEmpty(NpgsqlDataSource database, IObjects objects, string? keys, CancellationToken cancel)
    {
        var full = new List<string>();
        if (await LogImport.IsFilled(database, cancel))
            full.Add("the log has events");
        if (await objects.List("", cancel).FirstOrDefaultAsync(cancel) is { } stored)
            full.Add($"the object store has {stored.Key}");
        if (keys is not null && Manifest.Keys.Count > 0 && Directory.Exists(keys) && Directory.EnumerateFiles(keys).Any())
            full.Add($"{keys} has keys");
        if (full.Count > 0)
            throw new BackupException(BackupException.TargetNotEmpty, $"A backup is restored to an empty place only: {string.Join(", and ", full)}.");
    }

    private async Task Verify(CancellationToken cancel)
    {
        await using (var list = Open(folder.FileOf(Manifest.List)))
        {
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(list, cancel)) != Manifest.ListSha256)
                throw new BackupException(BackupException.Damaged, $"{Manifest.List} is not as it was written.");
        }

        foreach (var key in Manifest.Keys)
            await Key(key, cancel);
        await EachObject("verifying objects", async (one, stop) =>
        {
            var found = await ObjectReading.Of(folder.Objects, one.KeyHere, one.SizeBytes, one.Sha256, null, stop);
            if (found.Damage is { } damage)
                throw new BackupException(BackupException.Damaged, $"The object {one.Key} is not as it was copied: {Word(damage)}. {found.Detail}".TrimEnd());
            return 0;
        }, cancel);
    }

    // What a former try has brought is read and left. What belongs to somebody who was erased since, or to a
    // file, stays where it is.
    private Task Fill(
        IObjects objects, ICompression compression, PrivateKeys keys, ErasedObjects erased, CancellationToken cancel) => EachObject("objects", async (one, stop) =>
    {
        if (erased.Has(one.Key) || (one.Owner is { } whose && (await keys.ToSeal(whose, stop)).IsErased))
            return 0;
        if ((await ObjectReading.Of(objects, one.Key, one.SizeBytes, one.Sha256, null, stop)).Damage is null)
        {
            await Compress(compression, one, stop);
            return 0;
        }

        await using (var content = await folder.Objects.Open(one.KeyHere, stop)
            ?? throw new BackupException(BackupException.Damaged, $"The object {one.Key} is gone from the backup."))
        {
            var theirs = one.Owner is { } owner ? objects.OwnedBy(owner) : objects;
            if ((await theirs.Put(one.Key, content, stop)).Sha256 != one.Sha256)
                throw new BackupException(BackupException.Damaged, $"The object {one.Key} was changed in the backup while it was read.");
        }

        var back = await ObjectReading.Of(objects, one.Key, one.SizeBytes, one.Sha256, null, stop);
        if (back.Damage is { } damage)
            throw new BackupException(BackupException.TargetFaulty, $"The object store was given {one.Key} and does not give it back: {Word(damage)}. {back.Detail}".TrimEnd());
        await Compress(compression, one, stop);
        return one.SizeBytes;
    }, cancel);

    // What the log says is compressed is so again: whether it pays follows from the bytes.
    private static async Task Compress(ICompression compression, BackedObject one, CancellationToken cancel)
    {
        if (compression.IsOn && one.Key.AsRaw() is not null && one.Owner is { } owner
            && await compression.Prepare(owner, one.Key, one.Sha256, cancel) is not null)
        {
            await compression.Switch(one.Key, cancel);
        }
    }

    private async Task EachObject(string doing, Func<BackedObject, CancellationToken, Task<long>> see, CancellationToken cancel)
    {
        var (seen, bytes) = (0L, 0L);
        var here = BackupFolder.List(folder.FileOf(Manifest.List), cancel).Where(one => one.Damage is null);
        await foreach (var page in here.Chunk(PageSize).WithCancellation(cancel))
        {
            await Parallel.ForEachAsync(
                page, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
                async (one, stop) => Interlocked.Add(ref bytes, await see(one, stop)));
            seen += page.Length;
            progress(new BackupProgress(doing, seen, Interlocked.Read(ref bytes)));
        }
    }

    private async Task PutKeys(string? keys, CancellationToken cancel)
    {
        if (keys is null || Manifest.Keys.Count == 0)
            return;
        Directory.CreateDirectory(keys, BackupFolder.OwnersFolder);
        foreach (var key in Manifest.Keys)
        {
            var place = Path.Combine(keys, key.Name);
            await BackupFolder.WriteOwn(place + ".draft", await Key(key, cancel), cancel);
            File.Move(place + ".draft", place, overwrite: true);
        }

        ObjectStorage.DurableWrites.FlushDirectory(keys);
    }

    private async Task<byte[]> Key(BackedKey key, CancellationToken cancel)
    {
        var file = Path.Combine(folder.Keys, Path.GetFileName(key.Name));
        var content = File.Exists(file) ? await File.ReadAllBytesAsync(file, cancel) : [];
        return Convert.ToHexStringLower(SHA256.HashData(content)) == key.Sha256
            ? content
            : throw new BackupException(BackupException.Damaged, $"The key {key.Name} is missing or not as it was copied.");
    }

    private static string Word(ObjectDamage damage) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(damage.ToString());
}
