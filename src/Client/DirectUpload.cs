using System.Net.Http.Json;

namespace EventFiles.Client;

/// <summary>
/// Sends a file in parts that go where the server says, mostly straight to its store, several at once. Which parts are
/// there, only the server knows, from the store: after any failure it is asked again. The digest goes before the parts, as
/// with every upload.
/// </summary>
internal sealed class DirectUpload(ServerConnection server, Meter meter)
{
    private const string Kind = "direct";
    private const string Begin = "api/uploads/direct";
    private const int PartsAtOnce = 4;
    private const int AddressesAtOnce = 100;
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);

    /// <inheritdoc cref="RememberedUpload.Run"/>
    public Task<Uploaded> Run(LocalFile local, Destination to, CancellationToken cancel) =>
        RememberedUpload.Run(Kind, server, meter, local, to, (resume, share) => Send(local, to, resume, share, cancel), cancel);

    private async Task<(string FileId, long ResumedAt)> Send(
        LocalFile local, Destination to, ResumeFile<BegunUpload> resume, MeterShare share, CancellationToken cancel)
    {
        var patience = server.NewPatience();
        var (resumedAt, reached, isOld) = (0L, 0L, resume.Value is not null);
        while (true)
        {
            try
            {
                if (resume.Value is null)
                    resume.Write(await BeginAt(local, to, cancel));
                var at = $"{Begin}/{resume.Value!.Token}";
                var seen = await server.Get<DirectReply>(at, cancel);
                var storedBytes = seen.State == "open" ? seen.Stored.Sum(part => part.SizeBytes) : local.SizeBytes;
                if (isOld)
                    resumedAt = storedBytes;
                isOld = false;
                if (storedBytes > reached)
                    patience.Progressed();
                reached = storedBytes;
                share.At(reached);
                await SendParts(local, at, seen, share, cancel);
                return ((await Complete(at, cancel)).ToString(), resumedAt);
            }
            catch (NotNowException why)
            {
                await patience.Wait(why, cancel);
            }
            catch (NotDoneException gone) when (isOld && gone.ExitCode == ExitCodes.NotFound)
            {
                resume.Forget(); // it has expired
                isOld = false;
            }
        }
    }

    private async Task<BegunUpload> BeginAt(LocalFile local, Destination to, CancellationToken cancel)
    {
        var sha256 = await LocalDigest.Of(local.Path, cancel);
        using var reply = await server.SendOnce(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, Begin)
                {
                    Content = JsonContent.Create(new
                    {
                        name = to.Name,
                        sizeBytes = local.SizeBytes,
                        sha256,
                        folderId = to.FileId is null ? to.FolderId : null,
                        onConflict = to.FileId is null ? to.OnConflict : null,
                        fileId = to.FileId,
                    }),
                };
                if (to.IfSha256 is { } tag)
                    request.Headers.TryAddWithoutValidation("If-Match", $"\"{tag}\"");
                return request;
            },
            cancel);
        var token = reply.Headers.Location?.OriginalString.Split('/')[^1];
        return token is { Length: > 0 } ? new BegunUpload(token, sha256)
            : throw new NotDoneException(ExitCodes.SomeFailed, "client.strange-reply", "The server names no upload", "");
    }

    private async Task SendParts(LocalFile local, string at, DirectReply seen, MeterShare share, CancellationToken cancel)
    {
        if (seen.State != "open")
            return;
        var there = seen.Stored.Select(part => part.Number).ToHashSet();
        var missing = Enumerable.Range(1, seen.Parts).Where(number => !there.Contains(number)).ToList();
        // Those at hand are sent before others are asked for: an address does not live long.
        while (missing.Count > 0)
        {
            var page = await server.Get<AddressPage>(
                string.Create(CultureInfo.InvariantCulture, $"{at}/parts?from={missing[0]}&count={AddressesAtOnce}"), cancel);
            var wanted = page.Items.Where(address => missing.Contains(address.Number)).ToList();
            await Parallel.ForEachAsync(
                wanted, new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancel },
                async (address, stop) => await SendPart(local, seen, address, share, stop));
            missing.RemoveAll(number => wanted.Exists(address => address.Number == number));
            if (wanted.Count == 0)
                return;
        }
    }

    private async Task SendPart(LocalFile local, DirectReply seen, AddressReply address, MeterShare share, CancellationToken cancel)
    {
        using var guard = new StallGuard(cancel);
        var from = (address.Number - 1) * seen.PartBytes;
        var body = new FilePart(local.Path, from, from + address.SizeBytes, guard, bytes =>
        {
            lock (share)
                share.Add(bytes);
        });
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(server.Address, address.Url)) { Content = body };
        try
        {
            await Http.SendAnywhere(request, guard.Token);
        }
        catch (OperationCanceledException silent) when (!cancel.IsCancellationRequested)
        {
            throw Http.Unreachable(request.RequestUri!, silent);
        }
        catch (NotNowException) when (body.Failure is not null)
        {
            throw body.Failure; // of the file here, not of the line
        }
    }

    private async Task<Guid> Complete(string at, CancellationToken cancel)
    {
        for (var wait = ShortestLook; ; wait = wait * 2 < LongestLook ? wait * 2 : LongestLook)
        {
            using var reply = await server.SendOnce(() => new(HttpMethod.Post, $"{at}/complete"), cancel);
            if ((await Http.Read<DirectReply>(reply, cancel)).File is { } file)
                return file;
            await Task.Delay(wait, cancel); // it is read at the server, from its first byte to its last
        }
    }

    /// <summary>How far an upload is.</summary>
    private sealed record DirectReply(string State, long PartBytes, int Parts, List<PartReply> Stored, Guid? File);

    private sealed record PartReply(int Number, long SizeBytes);

    private sealed record AddressPage(List<AddressReply> Items);

    private sealed record AddressReply(int Number, long SizeBytes, string Url);
}
