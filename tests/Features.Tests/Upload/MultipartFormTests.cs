using System.Text;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class MultipartFormTests
{
    private const string Type = "multipart/form-data; boundary=b";
    private const string File = "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nbytes";

    [Fact]
    public async Task Fields_count_before_the_file_and_after_it()
    {
        var form = Form(Field("folderId", "root"), File, Field("onConflict", "fail"));
        var file = Yes(await form.ReadToFile(Cancel));
        Assert.Equal(new Placement(null, NameConflict.Rename), Yes(form.Place()));
        Assert.Equal("bytes", await Text(file.Content));
        Assert.Equal(new Placement(null, NameConflict.Fail), Yes(await form.ReadToEnd(Cancel)));
    }

    [Theory]
    [InlineData("filename=\"plain.txt\"", "plain.txt")]
    [InlineData("filename=plain.txt", "plain.txt")]
    [InlineData("filename=\"Größe ☃.txt\"", "Größe ☃.txt")]
    [InlineData("filename=\"a%22b.txt\"", "a\"b.txt")]
    [InlineData("filename=\"a\\\"b.txt\"", "a\"b.txt")]
    [InlineData("filename=\"x\"; filename*=UTF-8''%E2%98%83.txt", "☃.txt")]
    [InlineData("filename=\"..\\..\\x\"", "..\\..\\x")]
    [InlineData("filename=\"\"", "")]
    public async Task A_name_is_what_the_client_means(string says, string name) =>
        Assert.Equal(name, Yes(await Form($"Content-Disposition: form-data; name=\"file\"; {says}\r\n\r\nbytes").ReadToFile(Cancel)).Name);

    [Fact]
    public async Task A_form_has_a_file() =>
        Assert.Equal(UploadRejection.NoFile, (await Form(Field("other", "x")).ReadToFile(Cancel)).Refusal);

    [Theory]
    [InlineData("file")]
    [InlineData("other")]
    public async Task A_form_has_one_file(string name)
    {
        var form = Form(File, $"Content-Disposition: form-data; name=\"{name}\"; filename=\"b.txt\"\r\n\r\nbytes");
        await Text(Yes(await form.ReadToFile(Cancel)).Content);
        Assert.Equal(UploadRejection.TwoFiles, (await form.ReadToEnd(Cancel)).Refusal);
    }

    [Fact]
    public async Task What_is_beside_the_file_is_bounded()
    {
        Assert.Equal(UploadRejection.TooManyFields, (await Form([.. Enumerable.Repeat(Field("x", "y"), 7), File]).ReadToFile(Cancel)).Refusal);
        Assert.Equal(UploadRejection.TooManyFields, (await Form(Field("x", new string('y', 5000)), File).ReadToFile(Cancel)).Refusal);
        Assert.Equal(UploadRejection.BrokenBody, (await Form($"X-Long: {new string('y', 5000)}\r\n{File}").ReadToFile(Cancel)).Refusal);
    }

    [Fact]
    public async Task A_field_is_given_once() =>
        Assert.Equal(
            UploadRejection.BadField,
            (await Form(Field("onConflict", "fail"), Field("onConflict", "rename"), File).ReadToFile(Cancel)).Refusal);

    [Theory]
    [InlineData("")]
    [InlineData("--b\r\nContent-Disp")]
    [InlineData("--b\r\n\r\nno disposition\r\n--b--\r\n")]
    public async Task A_body_without_an_end_is_refused(string body) =>
        Assert.Equal(UploadRejection.BrokenBody, (await Of(body).ReadToFile(Cancel)).Refusal);

    [Fact]
    public async Task A_file_without_an_end_is_refused()
    {
        var file = Yes(await Of("--b\r\n" + File).ReadToFile(Cancel));
        await using var bytes = new ArrivingBytes(file.Content, _ => default, Cancel);
        await Assert.ThrowsAsync<ArrivalRefusedException>(() => Text(bytes));
        Assert.Equal(UploadRejection.BrokenBody, bytes.Refused);
    }

    [Theory]
    [InlineData(null, "upload.not-multipart")]
    [InlineData("application/json", "upload.not-multipart")]
    [InlineData("multipart/mixed; boundary=b", "upload.not-multipart")]
    [InlineData("multipart/form-data", "upload.no-boundary")]
    [InlineData("multipart/form-data; boundary=\"\"", "upload.no-boundary")]
    [InlineData("multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901", "upload.no-boundary")]
    public void A_body_of_another_kind_is_refused(string? type, string code) =>
        Assert.Equal(code, MultipartForm.Of(type, Stream.Null).Refusal?.Code);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Field(string name, string value) => $"Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}";

    private static MultipartForm Form(params string[] parts) => Of(string.Concat(parts.Select(part => $"--b\r\n{part}\r\n")) + "--b--\r\n");

    private static MultipartForm Of(string body) => Yes(MultipartForm.Of(Type, new MemoryStream(Encoding.UTF8.GetBytes(body))));

    private static async Task<string> Text(Stream content)
    {
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }

    private static T Yes<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;
}
