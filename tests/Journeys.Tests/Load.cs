using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// Several clients of one person that upload, read and change without a pause, at an address that should never fail them.
/// Nothing is asked twice: each request has a connection of its own, so that no client repeats it unseen. A client waits for
/// its picture before it sends the next, or the load would grow with the time that nodes take to come and go.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly Person person;
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentDictionary<Guid, Upload> uploads = [];
    private readonly ConcurrentQueue<string> failures = [];
    private readonly Task clients;
    private long requests;

    private Load(Person person, int clients)
    {
        this.person = person;
        this.clients = Task.WhenAll(Enumerable.Range(0, clients).Select(n => Task.Run(() => Client(n))));
    }

    /// <summary>How many uploads were acknowledged.</summary>
    public int Uploads => uploads.Count;

    public static async Task<Load> Start(Uri address, int clients)
    {
        var olga = await Person.Register(address, "Olga");
        olga.Http.DefaultRequestHeaders.ConnectionClose = true;
        return new Load(olga, clients);
    }

    /// <summary>Waits until so many more uploads were acknowledged, or something has failed.</summary>
    public async Task Goes(int further)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        for (var until = Uploads + further; Uploads < until && failures.IsEmpty;)
            await Task.Delay(20, patience.Token);
    }

    /// <summary>Ends it, and shows that no request failed, that nothing acknowledged is lost, and that nothing was done twice.</summary>
    public async Task Holds(string database)
    {
        await end.CancelAsync();
        await clients;
        Assert.True(failures.IsEmpty, $"Of {requests} requests failed {failures.Count}: {string.Join('\n', failures.Take(10))}");

        foreach (var (file, upload) in uploads)
        {
            Assert.Equal("ready", (await person.Settled(file)).GetProperty("status").GetString());
            Assert.Equal(upload.Sha256, Convert.ToHexStringLower(SHA256.HashData(await person.Http.GetByteArrayAsync($"api/files/{file}/content"))));
        }

        // Not one upload more than was acknowledged either: nobody asked anything twice.
        await using var log = NpgsqlDataSource.Create(Server.ConnectionString(database));
        Assert.Equal(
            uploads.Keys.Order().Select(file => $"{file} 1"),
            (await Counts(log, "upload.completed.v1", "file")).Order(StringComparer.Ordinal));
        Assert.Equal(
            uploads.Values.SelectMany(upload => upload.Jobs).Order().Select(job => $"{job} 1"),
            (await Counts(log, "process.step-succeeded.v1", "job")).Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await clients;
        end.Dispose();
        person.Dispose();
    }

    private async Task Client(int number)
    {
        Guid? picture = null;
        for (var n = 0; !end.IsCancellationRequested && failures.IsEmpty; n++)
        {
            try
            {
                // A picture is work for workers; what is none is quick.
                var isPicture = n % 4 == 0;
                if (isPicture && picture is { } last)
                    await person.Settled(last);
                var content = isPicture ? Samples.Transparent : RandomNumberGenerator.GetBytes(30_000);
                var uploaded = await Asked(person.Upload($"{number}-{n}.{(isPicture ? "png" : "bin")}", content, isPicture ? "image/png" : null), 202);
                var file = uploaded.GetProperty("file").Id();
                uploads[file] = new Upload(
                    Convert.ToHexStringLower(SHA256.HashData(content)),
                    [.. uploaded.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("jobId").GetGuid())]);
                picture = isPicture ? file : picture;

                // What was acknowledged shows, whichever node is asked.
                Assert.Equal(content.Length, (await Asked(person.Get($"api/files/{file}"), 200)).GetProperty("size").GetInt64());
                await Asked(person.Patch($"api/files/{file}", new { name = $"renamed {number}-{n}" }), 200);
                await Asked(person.Post("api/folders", new { name = $"folder {number}-{n}" }), 201);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                failures.Enqueue(failure.Message);
            }
        }
    }

    private async Task<JsonElement> Asked(Task<HttpResponseMessage> request, int status)
    {
        Interlocked.Increment(ref requests);
        return await (await request).Expect(status).Json();
    }

    private async Task<List<string>> Counts(NpgsqlDataSource log, string type, string of)
    {
        await using var counts = log.CreateCommand(
            "select data->>$3, count(*) from public.mt_events where type = $1 and tenant_id = $2 group by 1");
        counts.Parameters.AddWithValue(type);
        counts.Parameters.AddWithValue(person.Id.ToString());
        counts.Parameters.AddWithValue(of);
        await using var rows = await counts.ExecuteReaderAsync();
        var all = new List<string>();
        while (await rows.ReadAsync())
            all.Add(string.Create(CultureInfo.InvariantCulture, $"{rows.GetString(0)} {rows.GetInt64(1)}"));
        return all;
    }

    private sealed record Upload(string Sha256, Guid[] Jobs);
}
