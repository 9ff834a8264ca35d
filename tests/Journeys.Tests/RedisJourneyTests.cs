using EventFiles.Journeys.Tests.Faults;
using StackExchange.Redis;

namespace EventFiles.Journeys.Tests;

/// <summary>PostgreSQL and Redis: views are not the node's own.</summary>
public sealed class PostgresAndRedis() : RealServers("postgres,redis");

/// <summary>A node whose views are in Redis, which may lose them at any time.</summary>
public sealed class RedisJourneyTests(PostgresAndRedis servers) : IClassFixture<PostgresAndRedis>
{
    [Fact]
    public async Task Views_are_read_from_Redis_alone()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(file);
        var link = await (await olga.Post($"api/files/{file}/links")).Expect(201).Json();
        var token = link.GetProperty("url").GetString()!.Split('/')[^1];
        await olga.Read($"api/links/{token}");
        // Nothing that a request writes is waited for from here on.
        olga.Http.DefaultRequestHeaders.Remove("Prefer");

        string[] paths =
        [
            $"api/files/{file}", $"api/files/{file}/status", "api/folders/root/children?limit=10", "api/quota",
            $"api/files/{file}/shares", $"api/links/{token}", "api/me",
        ];
        var before = new List<string>();
        foreach (var path in paths)
            before.Add((await olga.Read(path)).ToString());
        await ServerProcess.Of(servers, "postgres").Freeze(async () =>
        {
            for (var n = 0; n < paths.Length; n++)
                Assert.Equal(before[n], (await olga.Read(paths[n])).ToString());
        });
    }

    [Fact]
    public async Task Emptied_Redis_is_filled_again_by_itself_and_nobody_reads_half_a_list()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        for (var n = 0; n < 5; n++)
            await olga.Keep($"Notes {n}.txt", Samples.Text, "text/plain");
        using var redis = await ConnectionMultiplexer.ConnectAsync(Options());
        Assert.NotEmpty((RedisResult[])(await redis.GetDatabase().ExecuteAsync("KEYS", "eventfiles:*"))!);

        await redis.GetDatabase().ExecuteAsync("FLUSHALL");

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        HttpResponseMessage reply;
        while (!(reply = await olga.Get("api/folders/root/children?limit=10")).IsSuccessStatusCode)
        {
            // No answer is not the answer "none": neither an empty list nor a token that is not known.
            Assert.Equal(503, (int)reply.StatusCode);
            Assert.NotNull(reply.Headers.RetryAfter);
            await Task.Delay(50, patience.Token);
        }

        Assert.Equal(5, (await reply.Json()).GetProperty("items").GetArrayLength());
        Assert.Equal(5, (await olga.Quota()).Files);
    }

    [Fact]
    public async Task What_stands_in_Redis_bears_the_name_of_its_database_and_no_personal_data_in_its_keys()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Keep("Secret plan.txt", Samples.Text, "text/plain");
        using var redis = await ConnectionMultiplexer.ConnectAsync(Options());

        var keys = ((RedisResult[])(await redis.GetDatabase().ExecuteAsync("KEYS", "*"))!).Select(key => key.ToString()!).ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Matches("^eventfiles:[0-9a-f]{12}:", key));
        Assert.DoesNotContain(keys, key => key.Contains("Secret", StringComparison.OrdinalIgnoreCase) || key.Contains(olga.Email, StringComparison.OrdinalIgnoreCase));
    }

    private ConfigurationOptions Options()
    {
        var url = new Uri(servers.Settings["REDIS_URL"]);
        return new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port } },
            Password = url.UserInfo.TrimStart(':'),
            AllowAdmin = true,
        };
    }
}
