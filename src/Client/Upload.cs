using System.Text;

namespace EventFiles.Client;

/// <summary>A local file, as it was when it was looked at.</summary>
internal sealed record LocalFile(string Path, long SizeBytes, DateTime ModifiedAt)
{
    public static LocalFile Of(FileInfo file) => new(file.FullName, file.Length, file.LastWriteTimeUtc);
}

/// <summary>What is to become of a file at the server.</summary>
/// <param name="FolderId">Unused for a version of a file that is there.</param>
/// <param name="OnConflict">As the API has it: fail, rename or newVersion.</param>
internal sealed record Destination(string FolderId, string Name, string OnConflict)
{
    /// <summary>The file of which it is to be the next version; null for one by its place and name.</summary>
    public string? FileId { get; init; }

    /// <summary>The digest that the file must still have at the end, lower-case hex; null for any.</summary>
    public string? IfSha256 { get; init; }
}

/// <summary>A file that the server has now.</summary>
/// <param name="ResumedAt">So many bytes were there already.</param>
internal sealed record Uploaded(FileReply File, string Sha256, long ResumedAt);

/// <summary>What is remembered of an upload. The token is a secret: whoever has it and the account goes on with it.</summary>
internal sealed record BegunUpload(string Token, string Sha256);

/// <summary>
/// Sends a file by tus. Its digest goes before it, so that the server makes a file of the very bytes that were read here or
/// none. No bytes go with the request that begins it: a request whose reply was lost can be repeated then, and an upload
/// that nobody heard of becomes no file.
/// </summary>
internal sealed class Upload(ServerConnection server, Meter meter)
{
    private const string Kind = "uploads";
    private const string OffsetHeader = "Upload-Offset";
    private const string FileHeader = "File-Id";
    private const long WorthAsking = 1 << 20;

    // Of a request that a server does not live to see the end of, it may have kept little.
    private const long LargestRequest = 16 << 20;

    /// <inheritdoc cref="RememberedUpload.Run"/>
    public Task<Uploaded> Run(LocalFile local, Destination to, CancellationToken cancel) =>
        RememberedUpload.Run(Kind, server, meter, local, to, (resume, share) => Send(local, to, resume, share, cancel), cancel);

    private async Task<(string FileId, long ResumedAt)> Send(
        LocalFile local, Destination to, ResumeFile<BegunUpload> resume, MeterShare share, CancellationToken cancel)
    {
        var patience = server.NewPatience();
        var (resumedAt, reached, isOld) = (0L, 0L, resume.Value is not null);
        var at = default(Standing);
        while (true)
        {
            try
            {
                if (resume.Value is not { } begun)
                {
                    resume.Write(begun = await Begin(local, to, cancel));
                    at = new Standing(0, null);
                }

                at ??= await Look(begun.Token, cancel);
                if (isOld)
                    resumedAt = at.OffsetBytes;
                isOld = false;
                if (at.OffsetBytes > reached)
                    patience.Progressed();
                reached = at.OffsetBytes;
                share.At(reached);
                at = at.FileId is null ? await Continue(local, begun.Token, at.OffsetBytes, share, cancel) : at;
                if (at.FileId is { } file)
                    return (file, resumedAt);
            }
            catch (NotNowException why)
            {
                await patience.Wait(why, cancel);
                at = null; // how far it came, only the server knows
            }
            catch (NotDoneException gone) when (isOld && gone.ExitCode == ExitCodes.NotFound)
            {
                resume.Forget(); // it has expired
                isOld = false;
            }
        }
    }

    private async Task<BegunUpload> Begin(LocalFile local, Destination to, CancellationToken cancel)
    {
        var sha256 = await LocalDigest.Of(local.Path, cancel);
        using var reply = await server.SendOnce(
            () =>
            {
                var request = Tus(HttpMethod.Post, "api/uploads");
                // An upload without bytes would be a file at once, and when the reply is lost, a second one the next time.
                request.Headers.Add(
                    local.SizeBytes > 0 ? "Upload-Length" : "Upload-Defer-Length", local.SizeBytes > 0 ? Text(local.SizeBytes) : "1");
                request.Headers.Add("Upload-Metadata", Metadata(to));
                request.Headers.Add("Repr-Digest", $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(sha256))}:");
                if (to.IfSha256 is { } tag)
                    request.Headers.TryAddWithoutValidation("If-Match", $"\"{tag}\"");
                return request;
            },
            cancel);
        // Whatever stands before it in the address, this server knows it by its last part.
        var token = reply.Headers.Location?.OriginalString.Split('/')[^1];
        return token is { Length: > 0 } ? new BegunUpload(token, sha256)
            : throw new NotDoneException(ExitCodes.SomeFailed, "client.strange-reply", "The server names no upload", "");
    }

    private async Task<Standing> Look(string token, CancellationToken cancel)
    {
        using var guard = new StallGuard(cancel);
        return await Guarded(guard, () => Tus(HttpMethod.Head, PathOf(token)), cancel);
    }

    private async Task<Standing> Continue(LocalFile local, string token, long from, MeterShare share, CancellationToken cancel)
    {
        using var guard = new StallGuard(cancel);
        var to = Math.Min(local.SizeBytes, from + LargestRequest);
        return await Guarded(
            guard,
            () =>
            {
                var request = Tus(HttpMethod.Patch, PathOf(token));
                share.At(from);
                request.Headers.Add(OffsetHeader, Text(from));
                if (local.SizeBytes == 0)
                    request.Headers.Add("Upload-Length", "0");
                // A refusal comes before the bytes then.
                request.Headers.ExpectContinue = to - from > WorthAsking;
                request.Content = new FilePart(local.Path, from, to, guard, share.Add)
                {
                    Headers = { ContentType = new("application/offset+octet-stream") },
                };
                return request;
            },
            cancel);
    }

    private async Task<Standing> Guarded(StallGuard guard, Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        try
        {
            using var reply = await server.SendOnce(make, guard.Token);
            return new Standing(
                long.Parse(reply.Headers.GetValues(OffsetHeader).Single(), NumberStyles.None, CultureInfo.InvariantCulture),
                reply.Headers.TryGetValues(FileHeader, out var file) ? file.Single() : null);
        }
        catch (OperationCanceledException silent) when (!cancel.IsCancellationRequested)
        {
            throw Http.Unreachable(server.Address, silent);
        }
    }

    private static HttpRequestMessage Tus(HttpMethod method, string path) => new(method, path) { Headers = { { "Tus-Resumable", "1.0.0" } } };

    private static string PathOf(string token) => $"api/uploads/{token}";

    private static string Metadata(Destination to)
    {
        (string Key, string Value)[] said = to.FileId is { } file
            ? [("filename", to.Name), ("fileId", file)]
            : [("filename", to.Name), ("folderId", to.FolderId), ("onConflict", to.OnConflict)];
        return string.Join(',', said.Select(one => $"{one.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(one.Value))}"));
    }

    private static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    /// <summary>How far an upload is.</summary>
    /// <param name="FileId">The file that it became; null before.</param>
    private sealed record Standing(long OffsetBytes, string? FileId);
}
