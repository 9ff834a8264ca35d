using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EventFiles.Journeys.Tests;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Large files from the page in parts, where the server wants that.</summary>
public sealed class DirectUploadTests(PageFixture fixture)
{
    private const int Size = 40_000_000;
    private const string Parts = "**/api/upload-parts*";

    [Fact]
    public async Task A_large_file_goes_in_parts_and_one_that_a_reload_cuts_off_goes_on_with_those_that_are_there()
    {
        await using var server = await Server.Start(environment: ("DIRECT_UPLOADS", "on"));
        await using var olga = await fixture.Visit(address: server.Address);
        await olga.Register("Olga");
        var sent = new ConcurrentQueue<string>();
        olga.Page.Request += (_, request) => sent.Enqueue($"{request.Method} {new Uri(request.Url).AbsolutePath}");
        var (through, stalled) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await olga.Page.RouteAsync(Parts, async route =>
        {
            if (Interlocked.Increment(ref through) > 2)
                stalled.TrySetResult();
            else
                await route.ContinueAsync();
        });
        await olga.DropLarge("large.bin", Size);
        await stalled.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        var upload = sent.Last(one => one.EndsWith("/parts", StringComparison.Ordinal)).Split(' ')[1][..^"/parts".Length];
        await olga.ReadUntil(upload, seen => seen.GetProperty("stored").GetArrayLength() == 2);
        await olga.Page.ReloadAsync();
        await olga.Page.UnrouteAsync(Parts);
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("Interrupted · 17 MB of 40 MB kept");

        sent.Clear();
        await olga.DropLarge("large.bin", Size);
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        Assert.Equal(3, sent.Count(one => one == "PUT /api/upload-parts"));
        Assert.DoesNotContain(sent, one => one.StartsWith("PATCH", StringComparison.Ordinal));
        await Expect(olga.Item("large.bin")).ToBeVisibleAsync();
        await olga.Choose("large.bin", "Details");
        await Expect(olga.Page.Locator(".facts code")).ToHaveTextAsync(Convert.ToHexStringLower(SHA256.HashData(Visitor.Large(Size))));
        Assert.Equal((Size, 0, 1), await olga.Space());

        // A small one goes by tus as ever, and a large one that is ended frees its space.
        sent.Clear();
        await olga.DropSample("Notes.txt", "text/plain");
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
        Assert.Contains(sent, one => one.StartsWith("POST /api/uploads", StringComparison.Ordinal) && !one.Contains("direct", StringComparison.Ordinal));
        await olga.Page.RouteAsync(Parts, _ => Task.CompletedTask);
        await olga.DropLarge("another.bin", Size);
        await Expect(olga.Page.Locator("#quota-more")).ToHaveAttributeAsync("title", "40,000,000 bytes set aside");
        await olga.Button("Cancel upload of another.bin").ClickAsync();
        await olga.ReadUntil("/api/quota", now => now.GetProperty("reservedBytes").GetInt64() == 0);
    }

    // The bucket says which origin may, as its operator would have it; the page's own policy names no other place.
    [Fact]
    public async Task Parts_go_from_the_page_to_another_server_that_lets_its_origin_in()
    {
        await using var store = new StoreForPages();
        await store.InitializeAsync();
        await using var server = await Server.StartOn(store.Direct);
        await store.LetIn(server.Address);
        await using var olga = await fixture.Visit(address: server.Address);
        await olga.Register("Olga");
        var sent = new ConcurrentQueue<string>();
        olga.Page.Request += (_, request) => sent.Enqueue($"{request.Method} {new Uri(request.Url).Authority}");
        await olga.DropLarge("large.bin", Size);

        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        Assert.Equal(5, sent.Count(one => one == $"PUT {store.Authority}"));
        await Expect(olga.Item("large.bin")).ToBeVisibleAsync();
        await olga.Choose("large.bin", "Details");
        await Expect(olga.Page.Locator(".facts code")).ToHaveTextAsync(Convert.ToHexStringLower(SHA256.HashData(Visitor.Large(Size))));
    }

    private sealed class StoreForPages() : RealServers("postgres,redis,rabbitmq,s3")
    {
        public string Direct => EnvFileWith(("ENCRYPTION", "off"), ("DIRECT_UPLOADS", "on"));

        public string Authority => new Uri(Settings["S3_ENDPOINT"]).Authority;

        public async Task LetIn(Uri origin)
        {
            using var client = new AmazonS3Client(
                new BasicAWSCredentials(Settings["S3_ACCESS_KEY"], Settings["S3_SECRET_KEY"]),
                new AmazonS3Config { ServiceURL = Settings["S3_ENDPOINT"], ForcePathStyle = true, AuthenticationRegion = Settings["S3_REGION"] });
            await client.PutCORSConfigurationAsync(new PutCORSConfigurationRequest
            {
                BucketName = Settings["S3_BUCKET"],
                Configuration = new CORSConfiguration
                {
                    Rules =
                    [
                        new CORSRule
                        {
                            AllowedOrigins = [origin.GetLeftPart(UriPartial.Authority)],
                            AllowedMethods = ["PUT"],
                            AllowedHeaders = ["*"],
                            MaxAgeSeconds = 3600,
                        },
                    ],
                },
            });
        }
    }
}
