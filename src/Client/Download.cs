using System.Buffers;
using System.Net;
using System.Security.Cryptography;

namespace EventFiles.Client;

/// <summary>A file that is here now.</summary>
internal sealed record Downloaded(long SizeBytes, string Sha256, long ResumedAt, bool WasThere);

/// <summary>What is remembered of a download: which bytes the part that is here belongs to.</summary>
internal sealed record BegunDownload(string ETag);

/// <summary>
/// Receives a file by ranges, into a part beside its place; it takes the place when all bytes are there and are what the
/// server says that they are.
/// </summary>
internal sealed class Download(ServerConnection server, Meter meter)
{
    private const string Kind = "downloads";
    private const int BufferBytes = 128 << 10;

    /// <summary>The bytes to their place, by way of a part beside it.</summary>
    /// <param name="overwrite">Whether another file may lose its place.</param>
    /// <exception cref="NotDoneException">The file is not here, and why.</exception>
    public async Task<Downloaded> ToFile(RemoteEntry remote, string local, bool overwrite, CancellationToken cancel)
    {
        local = Path.GetFullPath(local);
        using var resume = ResumeFile<BegunDownload>.Open(Kind, server.Address.ToString(), remote.Content ?? remote.Id, local);
        var share = meter.Begin(remote.SizeBytes);
        var part = local + ".part";
        try
        {
            if (File.Exists(local) && !overwrite && await IsHere(remote, local, cancel) is { } here)
            {
                share.At(remote.SizeBytes);
                return here;
            }

            await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, useAsync: true);
            var got = new Received(file, share) { ETag = resume.Value?.ETag, Told = tag => resume.Write(new BegunDownload(tag)) };
            await got.TakeWhatIsThere(cancel);
            var resumedAt = got.AtBytes;
            var sha256 = await Receive(remote, got, cancel);
            file.Flush(flushToDisk: true);
            File.Move(part, local, overwrite);
            resume.Forget();
            return new Downloaded(got.AtBytes, sha256, got.WasThrownAway ? 0 : resumedAt, WasThere: false);
        }
        catch (NotDoneException wrong) when (wrong.Code == Mismatch)
        {
            File.Delete(part);
            resume.Forget();
            throw;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotDoneException.Local(local, failure);
        }
    }

    /// <summary>The bytes into a stream that cannot be gone back in.</summary>
    public async Task<Downloaded> ToStream(RemoteEntry remote, Stream target, CancellationToken cancel)
    {
        var got = new Received(target, meter.Begin(remote.SizeBytes));
        return new Downloaded(got.AtBytes, await Receive(remote, got, cancel), 0, WasThere: false);
    }

    private const string Mismatch = "client.digest-mismatch";

    // The same bytes under the same name need no transfer; others are somebody's.
    private async Task<Downloaded?> IsHere(RemoteEntry remote, string local, CancellationToken cancel)
    {
        var file = remote.Content is null ? await server.Get<FileReply>($"api/files/{remote.Id}", cancel) : null;
        return file is not null && file.Size == new FileInfo(local).Length && await LocalDigest.Of(local, cancel) == file.Sha256
            ? new Downloaded(file.Size, file.Sha256!, file.Size, WasThere: true)
            : throw NotDoneException.Refused("client.file-exists", $"{local} is there and is another file. --force overwrites it.");
    }

    private async Task<string> Receive(RemoteEntry remote, Received got, CancellationToken cancel)
    {
        for (var patience = server.NewPatience(); ;)
        {
            var before = got.AtBytes;
            try
            {
                var said = await Once(remote, got, cancel);
                var sha256 = got.Sha256();
                return said == sha256 || said is null ? sha256 : throw new NotDoneException(
                    ExitCodes.SomeFailed, Mismatch, "The bytes are not what the server says", $"said {said}, received {sha256}");
            }
            catch (NotNowException why)
            {
                if (got.AtBytes > before)
                    patience.Progressed();
                await patience.Wait(why, cancel);
            }
        }
    }

    /// <summary>Receives as much as comes, and gives the digest that the server says, if it says one.</summary>
    private async Task<string?> Once(RemoteEntry remote, Received got, CancellationToken cancel)
    {
        using var guard = new StallGuard(cancel);
        try
        {
            using var reply = await Ask(remote, got, guard.Token);
            // Of something that is not the same any more, everything comes.
            if (got.AtBytes > 0 && reply.StatusCode != HttpStatusCode.PartialContent)
                got.BeginAgain();
            var digest = remote.HasDigest ? Digest(reply) : null;
            if (reply.Headers.ETag is { IsWeak: false } tag)
                got.Is(tag.Tag);
            var whole = got.AtBytes + (reply.Content.Headers.ContentLength ?? 0);
            await Copy(reply, got, guard, cancel);
            return got.AtBytes == whole ? digest
                : throw Http.Unreachable(server.Address, new EndOfStreamException("The bytes ended early."));
        }
        catch (OperationCanceledException silent) when (!cancel.IsCancellationRequested)
        {
            throw Http.Unreachable(server.Address, silent);
        }
    }

    private async Task<HttpResponseMessage> Ask(RemoteEntry remote, Received got, CancellationToken cancel)
    {
        try
        {
            return await server.SendOnce(
                () =>
                {
                    var request = new HttpRequestMessage(HttpMethod.Get, remote.Content ?? $"api/files/{remote.Id}/content");
                    if (got is { AtBytes: > 0, ETag: { } tag })
                    {
                        request.Headers.Range = new(got.AtBytes, null);
                        request.Headers.TryAddWithoutValidation("If-Range", tag);
                    }

                    return request;
                },
                cancel);
        }
        catch (NotDoneException refused) when (refused.Code == "status-416" && got.AtBytes > 0)
        {
            got.BeginAgain();
            throw new NotNowException(refused);
        }
    }

    private async Task Copy(HttpResponseMessage reply, Received got, StallGuard guard, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var content = await reply.Content.ReadAsStreamAsync(guard.Token);
            while (true)
            {
                int count;
                try
                {
                    count = await content.ReadAsync(buffer, guard.Token);
                }
                catch (Exception failure) when (Http.IsOfTheLine(failure, cancel))
                {
                    throw Http.Unreachable(server.Address, failure);
                }

                if (count == 0)
                    return;
                await got.Add(buffer.AsMemory(0, count), cancel);
                guard.Moved();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Digest(HttpResponseMessage reply) =>
        reply.Headers.TryGetValues("Repr-Digest", out var said)
        && said.SelectMany(line => line.Split(',')).Select(one => one.Trim()).FirstOrDefault(one => one.StartsWith("sha-256=:", StringComparison.Ordinal)) is { } one
            ? Convert.ToHexStringLower(Convert.FromBase64String(one["sha-256=:".Length..].TrimEnd(':')))
            : throw new NotDoneException(ExitCodes.SomeFailed, "client.strange-reply", "The server does not say what the bytes are", "");

    /// <summary>The bytes that are here, and what they are.</summary>
    private sealed class Received(Stream target, MeterShare share)
    {
        private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        /// <summary>With its quotes; null when it is not known.</summary>
        public string? ETag { get; set; }

        public Action<string>? Told { get; init; }

        public long AtBytes { get; private set; }

        public bool WasThrownAway { get; private set; }

        public async Task TakeWhatIsThere(CancellationToken cancel)
        {
            if (ETag is null)
            {
                target.SetLength(0);
                return;
            }

            var buffer = new byte[BufferBytes];
            while (await target.ReadAsync(buffer, cancel) is > 0 and var count)
            {
                digest.AppendData(buffer, 0, count);
                AtBytes += count;
            }

            share.At(AtBytes);
        }

        public void Is(string etag)
        {
            if (ETag == etag)
                return;
            ETag = etag;
            Told?.Invoke(etag);
        }

        public async Task Add(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            await target.WriteAsync(bytes, cancel);
            digest.AppendData(bytes.Span);
            AtBytes += bytes.Length;
            share.Add(bytes.Length);
        }

        /// <summary>What is here belongs to nothing any more.</summary>
        /// <exception cref="NotDoneException">What went out cannot be taken back.</exception>
        public void BeginAgain()
        {
            if (!target.CanSeek)
                throw NotDoneException.Refused("client.changed-meanwhile", "The file has changed while it was received.");
            target.SetLength(0);
            digest.GetHashAndReset();
            (AtBytes, ETag, WasThrownAway) = (0, null, true);
            share.At(0);
        }

        public string Sha256() => Convert.ToHexStringLower(digest.GetCurrentHash());
    }
}
