using System.Globalization;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// However uploads are interrupted, their files are the very bytes that their clients had, and nothing is left of it all.
/// Twelve interruptions of files up to 64 MiB; with EVENTFILES_LONG=1 two hundred, up to 1 GiB; with INTERRUPTIONS
/// and INTERRUPTIONS_LARGEST_MIB any number.
/// </summary>
public sealed class InterruptionJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1";
    private static readonly int Interruptions = Number("INTERRUPTIONS") ?? (IsLong ? 200 : 12);
    private static readonly long LargestBytes = (long)(Number("INTERRUPTIONS_LARGEST_MIB") ?? (IsLong ? 1024 : 64)) << 20;

    [Fact]
    public async Task Interrupted_at_random_uploads_to_a_directory_end_with_the_very_same_bytes()
    {
        await using var server = await Server.Start();
        await Interrupt([server]);
    }

    [Fact]
    public async Task Interrupted_at_random_uploads_to_a_bucket_by_two_nodes_end_with_the_very_same_bytes()
    {
        await using var first = await Server.StartOn(servers.EnvFile, "api");
        await using var second = await Server.StartOn(servers.EnvFile, "api");
        await using var worker = await Server.StartOn(servers.EnvFile, "worker");
        await Interrupt([first, second]);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static async Task Interrupt(IReadOnlyList<Server> nodes)
    {
        var sizes = new List<long>();
        var seed = Environment.TickCount;
        var chance = new Random(seed);
        var (done, number, story) = (0, 0, new StringBuilder().Append(CultureInfo.InvariantCulture, $"seed {seed}\n"));
        try
        {
            while (done < Interruptions)
            {
                // A token lasts a quarter of an hour; somebody new for each also begins with an empty account.
                using var olga = await Person.Register(nodes[0].Address, "Olga");
                var clients = nodes.Select(node => olga.At(node.Address)).ToList();
                clients.ForEach(client => client.Http.Timeout = TimeSpan.FromMinutes(15));
                var uploads = new InterruptedUploads(chance, nodes, clients);
                var bytes = new SeededBytes(chance.Next(), number switch
                {
                    0 => 1,
                    1 => LargestBytes,
                    _ => (long)Math.Exp(chance.NextDouble() * Math.Log(LargestBytes)),
                });
                sizes.Add(bytes.Length);
                try
                {
                    await Check(clients, await uploads.Upload(bytes, $"{number++}.bin"), bytes);
                }
                finally
                {
                    uploads.Story.ForEach(line => story.AppendLine(line));
                    clients.ForEach(client => client.Dispose());
                }

                done += uploads.Interruptions;
            }

            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"seed {seed}: {done} interruptions of {sizes.Count} uploads, {sizes.Min()} to {sizes.Max()} bytes, {sizes.Sum()} in all; every file the very same"));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(story.ToString(), failure);
        }
    }

    private static async Task Check(List<Person> clients, Guid file, SeededBytes bytes)
    {
        using (var reply = await clients[^1].Http.GetAsync(new Uri($"api/files/{file}/content", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            await reply.Expect(200);
            Assert.Equal(
                $"sha-256=:{Convert.ToBase64String(bytes.Sha256(0, bytes.Length))}:", Assert.Single(reply.Headers.GetValues("Repr-Digest")));
            await using var content = await reply.Content.ReadAsStreamAsync();
            Assert.True(await bytes.IsIn(content), "The bytes differ.");
        }

        Assert.Equal((bytes.Length, 0, 1), await clients[0].Quota());
        await (await clients[0].Http.DeleteAsync(new Uri($"api/files/{file}?permanent=true", UriKind.Relative))).Expect(202);
    }
}
