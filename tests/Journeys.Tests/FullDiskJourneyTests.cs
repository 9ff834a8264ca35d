using System.Security.Cryptography;
using EventFiles.Journeys.Tests.Faults;

namespace EventFiles.Journeys.Tests;

/// <summary>One machine that keeps everything to itself, on a disk that somebody else fills.</summary>
public sealed class FullDiskJourneyTests : IAsyncLifetime
{
    private readonly string disk = Directory.CreateTempSubdirectory("eventfiles-disk-").FullName;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(FragileServers.HasDisks, "Only root can make a disk to fill.");
        await SmallDisk.Mount(disk, 512);
    }

    public async ValueTask DisposeAsync()
    {
        if (FragileServers.HasDisks)
            await SmallDisk.Unmount(disk);
        Directory.Delete(disk, recursive: true);
    }

    [Fact]
    public async Task A_disk_that_is_full_is_told_loses_nothing_and_is_used_again_when_there_is_room()
    {
        await using var server = await Server.Start(disk);
        using var olga = await Person.Register(server.Address, "Olga");
        var (before, large) = (RandomNumberGenerator.GetBytes(300_000), RandomNumberGenerator.GetBytes(3_000_000));
        var kept = await olga.Keep("before.bin", before);
        var upload = (await (await Tus.Create(olga, large.Length, "halves.bin")).Expect(201)).Headers.Location!;
        await (await Tus.Patch(olga, upload, 0, large[..1_000_000])).Expect(204);

        await SmallDisk.Fill(disk, async () =>
        {
            var refused = await olga.Upload("large.bin", large);
            await refused.Problem(503, "disk-full");
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
            await (await Tus.Patch(olga, upload, 1_000_000, large[1_000_000..])).Problem(503, "disk-full");
            Assert.Equal(before, await olga.Http.GetByteArrayAsync($"api/files/{kept}/content"));
        });

        // Nobody did anything to the server meanwhile.
        var file = await olga.Keep("large.bin", large);
        Assert.Equal(large, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        var offset = (int)await Tus.Offset(olga, upload);
        Assert.InRange(offset, 1_000_000, large.Length - 1);
        var whole = await (await Tus.Patch(olga, upload, offset, large[offset..])).Expect(204);
        Assert.Equal(large, await olga.Http.GetByteArrayAsync($"api/files/{whole.Headers.GetValues("File-Id").Single()}/content"));
        await server.Agrees();
        Assert.Equal(0, await server.Stop());
    }
}
