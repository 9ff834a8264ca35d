using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public class FolderJourneyTests(ServerFixture fixture)
{
    private const int Rounds = 64;
    private const int AtOnce = 8;

    // The moments at which a deletion meets an arrival are spread over what an arrival takes on a quiet machine.
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(15);

    [Theory]
    [InlineData("upload")]
    [InlineData("move")]
    [InlineData("restore")]
    [InlineData("subfolder")]
    public async Task What_arrives_in_a_folder_while_it_is_deleted_is_never_in_a_deleted_folder(string arrival)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        for (var round = 0; round < Rounds; round += AtOnce)
            await Task.WhenAll(Enumerable.Range(round, AtOnce).Select(number => Race(olga, arrival, number)));
    }

    private static async Task Race(Person olga, string arrival, int number)
    {
        var folder = (await (await olga.Post("api/folders", new { name = $"{number}" })).Expect(201).Json()).Id();
        await olga.Until("api/folders/root/children?limit=1000", list => Shows(list, folder));
        var arrive = await Prepare(olga, arrival, folder, number);

        var arriving = arrive();
        await Task.Delay(Random.Shared.NextDouble() * Spread);
        var deleting = olga.Delete($"api/folders/{folder}");
        var (arrived, deleted) = (await arriving, await deleting);

        if ((int)deleted.StatusCode == 409)
        {
            await deleted.Problem(409, "folders.not-empty");
            Assert.Equal(folder, FolderOf(await arrived.Json()));
            await olga.Until($"api/folders/{folder}/children", list => list.GetProperty("items").GetArrayLength() == 1);
            return;
        }

        await deleted.Expect(204);
        if (arrival == "restore")
            Assert.Equal(olga.Id, FolderOf(await arrived.Expect(200).Json()));
        else
            await arrived.Problem(404, "folders.not-found");
    }

    /// <summary>Does all but the last step of an arrival, which it gives.</summary>
    private static async Task<Func<Task<HttpResponseMessage>>> Prepare(Person olga, string arrival, Guid folder, int number)
    {
        if (arrival == "subfolder")
            return () => olga.Post("api/folders", new { name = "Inner", parentId = folder });
        if (arrival == "upload")
            return () => olga.Upload($"{number}.txt", Samples.Text, null, ("folderId", $"{folder}"));

        var file = await olga.Keep($"{arrival} {number}.txt", Samples.Text);
        await olga.Until("api/folders/root/children?limit=1000", list => Shows(list, file));
        if (arrival == "move")
            return () => olga.Patch($"api/files/{file}", new { folderId = folder });
        await (await olga.Patch($"api/files/{file}", new { folderId = folder })).Expect(200);
        await (await olga.Delete($"api/files/{file}")).Expect(202);
        return () => olga.Post($"api/files/{file}/restore");
    }

    private static bool Shows(JsonElement list, Guid entry) =>
        list.GetProperty("items").EnumerateArray().Any(one => one.Id() == entry);

    private static Guid FolderOf(JsonElement arrived) =>
        arrived.TryGetProperty("parentId", out var parent) ? parent.GetGuid()
        : (arrived.TryGetProperty("file", out var file) ? file : arrived).GetProperty("folderId").GetGuid();
}
