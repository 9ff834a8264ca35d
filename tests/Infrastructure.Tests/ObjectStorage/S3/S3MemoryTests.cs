namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>How large the heap is can only be seen for the whole process: so nothing else may run.</summary>
[CollectionDefinition(nameof(S3MemoryTests), DisableParallelization = true)]
[Collection(nameof(S3MemoryTests))]
public sealed class S3MemoryTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private const long Size = 300L << 20;
    private const long MayGrowBy = 48L << 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_does_not_grow_with_the_object(bool byAppending)
    {
        var key = NewKey();
        await Objects.Put(NewKey(), new MemoryStream([1]), Cancel);
        var (before, most) = (GC.GetTotalMemory(forceFullCollection: true), 0L);
        void Look() => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));

        var content = new Patterned(Size) { OnRead = Look };
        if (byAppending)
            Assert.Equal(Size, await Objects.Append(key, 0, content, Cancel));
        var stored = byAppending ? await Objects.Seal(key, Cancel) : await Objects.Put(key, content, Cancel);
        Assert.Equal(Size, stored.SizeBytes);

        await using (var reader = (await Objects.Open(key, Cancel))!)
        {
            var buffer = new byte[81_920];
            for (var position = 0L; position < Size; Look())
            {
                var read = await reader.ReadAsync(buffer, Cancel);
                Assert.Equal(Patterned.At(position), buffer[0]);
                position += read;
            }
        }

        await Objects.Delete(key, Cancel);
        Assert.InRange(most - before, 0, MayGrowBy);
    }
}
