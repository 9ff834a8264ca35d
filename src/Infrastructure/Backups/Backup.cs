using System.Security.Cryptography;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;

namespace EventFiles.Infrastructure.Backups;

/// <summary>
/// Copies a store into a folder, beside a running server, as it was at one position of its log: the log with private values,
/// every object that the log stands for then, the keys. What the folder holds already is read and not copied again.
/// </summary>
public sealed class Backup(string database, PrivateKeys privateKeys, ILoggedObjects logged, IObjects objects, TimeProvider clock)
{
    private const int MaxRounds = 10;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(1);

    /// <summary>Makes it. The former backup in the folder is good until the new one is whole.</summary>
    /// <param name="path">Of the folder, which is made if need be.</param>
    /// <param name="keys">The folder with the server's keys; null where they follow from a secret.</param>
    /// <param name="damaged">Told of each object that the store has lost or spoilt. The backup goes on without it.</param>
    /// <exception cref="BackupException">Not in this folder, or not now.</exception>
    public async Task<BackupManifest> Run(
        string path, string? keys, Action<BackupProgress> progress, Action<ObjectKey, ObjectDamage> damaged, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(damaged);
        using var folder = BackupFolder.ToWrite(path);
        var former = await folder.Former(cancel);
        var store = await Store(cancel);
        if (former?.Store is { } theirs && theirs != store)
            throw new BackupException(BackupException.OtherStore, "The folder holds the backup of another store. Name another folder.");

        var copies = new ObjectCopies(folder, logged, objects, progress);
        // Most of it first, so that the log is cut when little is left to copy: what is deleted between the cut and the copy
        // cannot be had any more.
        var seen = await copies.Run(former is null ? null : folder.FileOf(former.List), isTrusted: false, long.MaxValue, "objects-seen", cancel);
        for (var round = 1; ; round++)
        {
            var (log, header) = await Log(folder, progress, cancel);
            var list = await copies.Run(seen.File, isTrusted: true, header.Upto, "objects", cancel);
            if (list.HasMoved)
            {
                if (round == MaxRounds)
                    throw new BackupException(BackupException.Unsettled, "Objects are deleted or made anew faster than they can be copied. Try again later.");
                await Task.Delay(BetweenRounds, clock, cancel);
                continue;
            }

            await foreach (var one in BackupFolder.List(list.File, cancel))
            {
                if (one.Damage is { } damage)
                    damaged(one.Key, damage);
            }

            var manifest = new BackupManifest(
                BackupManifest.Ours, BackupManifest.OurFormat, clock.GetUtcNow(), header.Store, header.Upto, log.Events,
                FormattableString.Invariant($"log-{header.Upto}-{log.Sha256[..16]}.ndjson"), log.Sha256,
                FormattableString.Invariant($"objects-{header.Upto}-{list.Sha256[..16]}.ndjson"), list.Sha256,
                list.Objects, list.Bytes, list.Damaged, await Keys(folder, keys, cancel));
            folder.Publish(folder.FileOf("log.draft"), manifest.Log);
            folder.Publish(list.File, manifest.List);
            await folder.Write(manifest, cancel);
            await folder.Prune(manifest, cancel);
            return manifest;
        }
    }

    private async Task<(LogManifest Log, LogHeader Header)> Log(BackupFolder folder, Action<BackupProgress> progress, CancellationToken cancel)
    {
        var draft = folder.Draft("log");
        progress(new BackupProgress("log", 0, 0));
        await using var export = new LogExport(database, privateKeys);
        var log = await export.Write(draft, new ExportOrder(1, null, WithPrivate: true), null, cancel);
        await foreach (var line in File.ReadLinesAsync(draft, cancel))
            return (log, (LogHeader)LogLines.Read(System.Text.Encoding.UTF8.GetBytes(line), 1));
        throw new IOException("The log that was written is not there.");
    }

    private async Task<Guid?> Store(CancellationToken cancel)
    {
        await using var pool = new EventPool(database);
        return (await new LogRows(pool, PrivateKeys.None).Ends(cancel)).First;
    }

    private static async Task<IReadOnlyList<BackedKey>> Keys(BackupFolder folder, string? keys, CancellationToken cancel)
    {
        var all = new List<BackedKey>();
        if (keys is null || !Directory.Exists(keys))
            return all;
        Directory.CreateDirectory(folder.Keys, BackupFolder.OwnersFolder);
        foreach (var file in Directory.EnumerateFiles(keys).Where(file => !file.EndsWith(".draft", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var (name, content) = (Path.GetFileName(file), await File.ReadAllBytesAsync(file, cancel));
            var draft = folder.Draft(name);
            await BackupFolder.WriteOwn(draft, content, cancel);
            File.Move(draft, Path.Combine(folder.Keys, name), overwrite: true);
            all.Add(new BackedKey(name, Convert.ToHexStringLower(SHA256.HashData(content))));
        }

        ObjectStorage.DurableWrites.FlushDirectory(folder.Keys);
        return all;
    }
}
