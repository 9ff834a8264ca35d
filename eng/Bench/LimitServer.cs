using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>
/// What a server on the same ground can do at best: it reads, hashes, makes durable, commits once, and knows nothing of
/// accounts, names, space or history.
/// </summary>
internal static class LimitServer
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Serves until it is told to stop.</summary>
    /// <param name="connectionString">A database with the table <c>commits</c>.</param>
    /// <param name="folder">Where the files go.</param>
    public static async Task<int> Serve(string connectionString, string folder)
    {
        using var disk = new Disk(Load.AtOnce);
        await using var database = Database(connectionString);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        var files = 0;
        string Next() => Path.Combine(folder, Interlocked.Increment(ref files).ToString("x8", System.Globalization.CultureInfo.InvariantCulture));

        app.MapPost("/api/upload", context => Small(context, disk, database, Next()));
        app.MapPost("/api/uploads", context => Small(context, disk, database, Next()));
        app.MapPost("/large", context => Large(context, disk, Next()));
        app.MapGet("/file", context => context.Response.SendFileAsync(Path.Combine(folder, "served")));
        app.MapGet("/json", () => TypedResults.Ok(new Verdict(Guid.Empty, "read", true)));
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"Page: {app.Urls.First()}/"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>A pool that prepares what it sends often, and does not clean sessions that nobody soiled.</summary>
    public static NpgsqlDataSource Database(string connectionString) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true, Enlist = false, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 });

    /// <summary>The one commit.</summary>
    public static async Task Commit(NpgsqlDataSource database, Guid id, string sha256, long size, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("insert into commits (id, sha256, size) values ($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sha256 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task Small(HttpContext context, Disk disk, NpgsqlDataSource database, string path)
    {
        var length = (int)context.Request.ContentLength!.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        await context.Request.Body.ReadExactlyAsync(buffer.AsMemory(0, length));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, length)));
        await disk.Run(() =>
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, System.IO.FileAccess.Write);
            RandomAccess.Write(file, buffer.AsSpan(0, length), 0);
            RandomAccess.FlushToDisk(file);
        });
        ArrayPool<byte>.Shared.Return(buffer);
        await Commit(database, Guid.CreateVersion7(), sha256, length, CancellationToken.None);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(new Stored(sha256, length));
    }

    private static async Task Large(HttpContext context, Disk disk, string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path, FileMode.CreateNew, System.IO.FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        var size = 0L;
        int read;
        while ((read = await context.Request.Body.ReadAtLeastAsync(buffer, BufferBytes, throwOnEndOfStream: false)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await RandomAccess.WriteAsync(file, buffer.AsMemory(0, read), size);
            size += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        await disk.Run(() => RandomAccess.FlushToDisk(file));
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(new Stored(Convert.ToHexStringLower(hash.GetHashAndReset()), size));
    }

    private sealed record Stored(string Sha256, long Size);

    private sealed record Verdict(Guid FileId, string Action, bool Allowed);

    /// <summary>Threads that may wait for the disk.</summary>
    private sealed class Disk : IDisposable
    {
        private readonly BlockingCollection<(Action Work, TaskCompletionSource Done)> queue = [];

        public Disk(int threads)
        {
            for (var thread = 0; thread < threads; thread++)
                new Thread(Work) { IsBackground = true }.Start();
        }

        public Task Run(Action work)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Add((work, done));
            return done.Task;
        }

        public void Dispose() => queue.CompleteAdding();

        private void Work()
        {
            foreach (var (work, done) in queue.GetConsumingEnumerable())
            {
                try
                {
                    work();
                    done.SetResult();
                }
                catch (Exception why)
                {
                    done.SetException(why);
                }
            }
        }
    }
}
