using Microsoft.Win32.SafeHandles;
using FileAccess = System.IO.FileAccess;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>
/// Objects that grow: each a file beside its final place, locked by whoever writes it, renamed when it is whole.
/// </summary>
internal sealed class GrowingFiles(DurableWrites disk, ShardFolders folders)
{
    private const int Remembered = 4096;
    private const int PatienceTries = 1000;
    private static readonly TimeSpan PatienceStep = TimeSpan.FromMilliseconds(2);

    private readonly GrowingObjects growths = new(Remembered);

    /// <inheritdoc cref="IObjects.Append"/>
    public async Task<long> Append(ObjectKey key, string place, long offset, Stream content, CancellationToken cancel)
    {
        var growth = growths.Enter(key) ?? throw new OffsetMismatchException(growths.DurableBytes(key) ?? 0);
        var isWriting = false;
        try
        {
            using var file = await OpenGrowing(place, offset, cancel);
            if (growth.DurableBytes != offset)
            {
                growth.Forget();
                // Known from here on: who asks for the length meanwhile cannot open the file to see.
                if (offset > 0)
                    await disk.Run(() => RandomAccess.FlushToDisk(file));
                growth.DurableBytes = offset;
            }

            if (offset == 0)
                growth.Digest ??= StoredDigest.Of(key);

            isWriting = true;
            var (length, broken) = await FileBytes.Receive(file, offset, content, growth.Digest, cancel);
            await disk.Run(() => RandomAccess.FlushToDisk(file));
            isWriting = false;
            growth.DurableBytes = length;
            broken?.Throw();
            return length;
        }
        catch when (isWriting)
        {
            // The disk failed: the digest may be ahead of the file.
            growth.Forget();
            throw;
        }
        finally
        {
            growths.Leave(key, growth);
        }
    }

    /// <inheritdoc cref="IObjects.GrowingLength"/>
    public async Task<long?> Length(ObjectKey key, string place, CancellationToken cancel)
    {
        var growing = place + ObjectPath.Growing;
        if (!File.Exists(growing))
            return null;
        if (growths.DurableBytes(key) is { } known)
            return known;

        for (var tries = 0; ; tries++)
        {
            try
            {
                // After a restart: what a killed process wrote is in the file and perhaps not on the disk.
                return await disk.Run<long?>(() =>
                {
                    using var file = File.OpenHandle(growing, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                    RandomAccess.FlushToDisk(file);
                    return RandomAccess.GetLength(file);
                });
            }
            catch (Exception sealedMeanwhile) when (sealedMeanwhile is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (IOException) when (growths.DurableBytes(key) is not null || tries < PatienceTries)
            {
                // Somebody writes it: how much is durable is known a moment after the file was opened.
                if (growths.DurableBytes(key) is { } durable)
                    return durable;
                await Task.Delay(PatienceStep, cancel);
            }
        }
    }

    /// <inheritdoc cref="IObjects.Seal"/>
    public async Task<SealedObject> Seal(ObjectKey key, string place, CancellationToken cancel)
    {
        var growing = place + ObjectPath.Growing;
        var growth = growths.Enter(key) ?? throw new OffsetMismatchException(growths.DurableBytes(key) ?? 0);
        try
        {
            // Without a growing file it was sealed before, perhaps by a process that died before its flush.
            var grew = File.Exists(growing);
            if (!grew && !File.Exists(place))
                throw new FileNotFoundException("There is no such object.");
            using var file = File.OpenHandle(
                grew ? growing : place, FileMode.Open, FileAccess.ReadWrite, grew ? FileShare.None : FileShare.ReadWrite | FileShare.Delete);
            var size = RandomAccess.GetLength(file);
            await disk.Run(() => RandomAccess.FlushToDisk(file));
            if (growth.DurableBytes != size)
                growth.Forget();
            growth.DurableBytes = size;
            var sha256 = !StoredDigest.IsWanted(key) ? ""
                : growth is { Digest: { } digest } && growth.DurableBytes == size ? FileBytes.Hex(digest)
                : await FileBytes.Hash(file, cancel);
            await disk.Run(() =>
            {
                if (grew)
                    File.Move(growing, place, overwrite: true);
                DurableWrites.FlushDirectory(Path.GetDirectoryName(place)!);
            });
            growth.Forget();
            return new SealedObject(key, size, sha256);
        }
        finally
        {
            growths.Leave(key, growth);
        }
    }

    /// <summary>The object is gone.</summary>
    public void Forget(ObjectKey key) => growths.Forget(key);

    // Who only looks how long it is holds it too, for a moment.
    private async Task<SafeFileHandle> OpenGrowing(string place, long offset, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await disk.Run(() => OpenAt(place, offset));
            }
            catch (OffsetMismatchException held) when (held.Length == offset && tries < PatienceTries)
            {
                await Task.Delay(PatienceStep, cancel);
            }
        }
    }

    private SafeFileHandle OpenAt(string place, long offset)
    {
        var growing = place + ObjectPath.Growing;
        if (offset == 0 && !File.Exists(growing))
        {
            if (new FileInfo(place) is { Exists: true } whole)
                throw new OffsetMismatchException(whole.Length);
            folders.InFolderOf(place, () =>
            {
                try
                {
                    File.OpenHandle(growing, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
                }
                catch (IOException) when (File.Exists(growing))
                {
                    // Another process has made it this moment, and writes it.
                }

                DurableWrites.FlushDirectory(Path.GetDirectoryName(place)!);
            });
        }

        SafeFileHandle file;
        try
        {
            // The lock that goes with FileShare.None also keeps another process from appending.
            file = File.OpenHandle(growing, FileMode.Open, FileAccess.Write, FileShare.None);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OffsetMismatchException(new FileInfo(place) is { Exists: true } whole ? whole.Length : 0);
        }
        catch (IOException) when (new FileInfo(growing) is { Exists: true } held)
        {
            throw new OffsetMismatchException(held.Length);
        }

        var length = RandomAccess.GetLength(file);
        if (length == offset)
            return file;
        file.Dispose();
        throw new OffsetMismatchException(length);
    }
}
