using System.Globalization;
using System.Security.Cryptography;
using EventFiles.Infrastructure.ObjectStorage.S3;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>
/// Parts that were stored and of which no row tells: their writer died in between, or was overtaken. Some servers refuse to
/// make an object of parts while there are such.
/// </summary>
public sealed class S3StrayTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private const int Megabyte = 1 << 20;
    private const int PartBytes = 8 * Megabyte;

    private readonly ObjectKey key = NewKey();

    // Before the first part that counts, between such, after the last; with and without what is too little for a part.
    [Theory]
    [InlineData(0, 3)]
    [InlineData(0, 20)]
    [InlineData(8, 10)]
    [InlineData(10, 20)]
    [InlineData(18, 6)]
    [InlineData(8, 8)]
    [InlineData(16, 0)]
    public async Task A_part_that_was_stored_and_not_recorded_does_no_harm(int beforeMegabytes, int afterMegabytes)
    {
        var bytes = Random(beforeMegabytes + afterMegabytes);
        var length = await Objects.Append(key, 0, new MemoryStream(bytes, 0, beforeMegabytes * Megabyte), Cancel);
        await Stray();
        await Stray();
        await using (var next = new S3Node(Node.Database, Place))
            length = await next.Objects.Append(key, length, new MemoryStream(bytes[(int)length..]), Cancel);

        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await Another().Objects.Seal(key, Cancel));

        await IsAllThereIs(bytes);
    }

    // The database fails between what the server did and the row that tells of it; two more parts are on their way.
    [Fact]
    public async Task What_arrived_before_the_database_failed_is_kept_and_the_rest_can_be_sent_again()
    {
        var bytes = Random(30);
        await Node.Objects.GrowingLength(key, Cancel);
        await Node.Sql("alter table eventfiles.object_parts add constraint planned check (number <> 2) not valid");
        try
        {
            await Assert.ThrowsAsync<PostgresException>(() => Objects.Append(key, 0, new MemoryStream(bytes), Cancel));
        }
        finally
        {
            await Node.Sql("alter table eventfiles.object_parts drop constraint planned");
        }

        Assert.Equal(PartBytes, await Another().Objects.GrowingLength(key, Cancel));
        await Objects.Append(key, PartBytes, new MemoryStream(bytes[PartBytes..]), Cancel);
        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await Objects.Seal(key, Cancel));
        await IsAllThereIs(bytes);
    }

    // Three are on their way at once, and the first to be asked for its number gets it last.
    [Fact]
    public async Task Parts_are_numbered_in_their_order_however_late_a_number_comes()
    {
        var bytes = Random(24);
        await Node.Objects.GrowingLength(key, Cancel);
        await Node.Sql(
            """
            create sequence planned;
            grant usage on sequence planned to public;
            create function planned() returns trigger language plpgsql as
                'begin if nextval(''planned'') = 1 then perform pg_sleep(1); end if; return null; end';
            create trigger planned before update of next_part on eventfiles.object_growth for each statement execute function planned();
            """);
        try
        {
            await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        }
        finally
        {
            await Node.Sql("drop trigger planned on eventfiles.object_growth; drop function planned; drop sequence planned");
        }

        await Objects.Seal(key, Cancel);
        await IsAllThereIs(bytes);
    }

    // Nothing refuses a part of a writer that was overtaken before all that is asked in between.
    [Fact]
    public async Task A_part_that_arrives_while_the_object_is_sealed_does_no_harm()
    {
        var bytes = Random(18);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Stray();
        await using var proxy = new FaultProxy(Place.Endpoint);
        var completions = 0;
        proxy.Before = async request =>
        {
            if (request.IsComplete && Interlocked.Increment(ref completions) == 2)
                await Stray();
        };

        var far = Another(Place with { Endpoint = proxy.Address });
        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await far.Objects.Seal(key, Cancel));

        Assert.Equal(4, completions);
        await IsAllThereIs(bytes);
    }

    // The first completion is refused; the second is of all parts; then the ranges that count are copied and completed.
    [Theory]
    [InlineData("complete", 2, false)]
    [InlineData("complete", 2, true)]
    [InlineData("part", 2, false)]
    [InlineData("part", 2, true)]
    [InlineData("complete", 3, false)]
    [InlineData("complete", 3, true)]
    public async Task A_seal_that_dies_anywhere_is_repeated_by_another_node(string at, int number, bool happens)
    {
        var bytes = Random(24);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Stray();
        await using var proxy = new FaultProxy(Place.Endpoint);
        var seen = 0;
        bool Which(ProxiedRequest one) =>
            (at == "part" ? one.IsPart : one.IsComplete) && Interlocked.Increment(ref seen) == number;
        if (happens)
            proxy.AnswerAfterwards(Which, 403, "AccessDenied");
        else
            proxy.Answer(Which, 403, "AccessDenied");
        await Assert.ThrowsAsync<S3SettingsException>(
            () => Another(Place with { Endpoint = proxy.Address }).Objects.Seal(key, Cancel));
        Assert.Equal(0, proxy.Waiting);
        Assert.Equal(bytes.Length, await Another().Objects.GrowingLength(key, Cancel));
        Assert.Null(await Objects.Open(key, Cancel));

        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await Another().Objects.Seal(key, Cancel));

        await IsAllThereIs(bytes);
    }

    [Theory]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.LoseReply))]
    public async Task A_seal_with_such_parts_survives_what_befalls_it_on_the_way(string fault)
    {
        var bytes = Random(24);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Stray();
        await using var proxy = new FaultProxy(Place.Endpoint);
        var far = Another(Place with { Endpoint = proxy.Address, Patience = TimeSpan.FromSeconds(10) });
        var completions = 0;
        proxy.Spoil(one => one.IsComplete && Interlocked.Increment(ref completions) is 2 or 4, Enum.Parse<Fault>(fault), times: 2);
        foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsPartList])
            proxy.Spoil(which, Enum.Parse<Fault>(fault));

        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await far.Objects.Seal(key, Cancel));

        Assert.Equal(0, proxy.Waiting);
        await IsAllThereIs(bytes);
    }

    [Fact]
    public async Task What_is_given_up_takes_such_parts_along()
    {
        await Objects.Append(key, 0, new MemoryStream(Random(10)), Cancel);
        await Stray();

        await Objects.Delete(key, Cancel);

        Assert.Empty(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    private static byte[] Random(int megabytes) => RandomNumberGenerator.GetBytes(megabytes * Megabyte);

    private async Task IsAllThereIs(byte[] bytes)
    {
        Assert.Equal(bytes, await Read(Another().Objects, key));
        Assert.Single(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    // As a process that was killed leaves it: the number is drawn and the part is stored.
    private async Task Stray()
    {
        var write = (Guid)(await Node.Sql("select write from eventfiles.object_writes"))!;
        var name = Node.Names.Of(key, write);
        if (await Node.Sql("select multipart from eventfiles.object_writes") is not string multipart)
        {
            multipart = await Node.Calls.Begin(name, Cancel);
            await Node.Sql($"update eventfiles.object_writes set multipart = '{multipart}'");
        }

        var number = Convert.ToInt32(
            await Node.Sql("update eventfiles.object_growth set next_part = next_part + 1 returning next_part - 1"), CultureInfo.InvariantCulture);
        using var left = new Spool();
        await left.Fill(new MemoryStream(Random(8)), PartBytes, null, Cancel);
        await Node.Calls.PutPart(name, multipart, number, left, Cancel);
    }
}
